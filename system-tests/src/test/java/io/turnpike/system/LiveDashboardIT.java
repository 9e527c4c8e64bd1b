package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.turnpike.telemetry.dashboard.Chromium;
import io.turnpike.telemetry.dashboard.DashboardPage;
import io.turnpike.testing.ForeignTools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page in a real browser, over a real cluster, while a foreign client sends. */
class LiveDashboardIT {
    private static final Duration BOUND = Duration.ofSeconds(60);

    @TempDir
    Path dataDir;

    @Test
    void followsTheTrafficByItselfAndEndsWithTheFiguresOfTheApi() throws Exception {
        Uclient.require("LiveDashboardIT");
        ForeignTools.require("LiveDashboardIT", "chromium", Chromium.installed().isPresent());
        Path screenshots = Files.createDirectories(Path.of("target", "screenshots"));
        try (TurnpikeCluster cluster = EmbeddedCluster.start(dataDir, 2); Chromium browser = Chromium.start()) {
            browser.resize(1400, 1100);
            TurnpikeApi api = new TurnpikeApi(cluster.api());
            api.putTenant("demo", "demo-secret", "RFC5766");
            DashboardPage page = DashboardPage.open(browser, cluster.api(), "tenant=demo");
            assertThat(page.figure("total.billableBytes")).isEqualTo("0");

            CompletableFuture<Uclient.Totals> traffic = CompletableFuture.supplyAsync(() -> send(cluster));
            await("the page moves while the client sends").atMost(BOUND)
                    .until(() -> traffic.isDone() || Long.parseLong(page.figure("total.billableBytes")) > 0);
            assertThat(traffic).as("the client still sends").isNotDone();
            browser.screenshot(screenshots.resolve("dashboard-live.png"));

            Uclient.Totals sent = traffic.join();
            long billable = sent.billableBytes();
            await("usage of uclient").atMost(BOUND).untilAsserted(() -> {
                assertThat(api.usage("demo", "demo").billableBytes()).isEqualTo(billable);
                assertThat(UserUsage.of(api.get("v1/tenants/demo/usage").get("total")).billableBytes())
                        .isEqualTo(billable);
            });
            page.awaitFigure("total.billableBytes", Long.toString(billable));
            page.awaitFigure("total.clientToRelay.payloadBytes", Long.toString(sent.sentBytes()));
            page.awaitFigure("total.relayToClient.payloadBytes", Long.toString(sent.receivedBytes()));
            page.awaitFigure("user.demo.billableBytes", Long.toString(billable));
            browser.screenshot(screenshots.resolve("dashboard-end.png"));
        }
    }

    private static Uclient.Totals send(TurnpikeCluster cluster) {
        try {
            return Uclient.run(cluster.relay(1), List.of("-n", "500"));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
