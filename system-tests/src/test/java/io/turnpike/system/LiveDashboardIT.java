package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.turnpike.telemetry.dashboard.Chromium;
import io.turnpike.telemetry.dashboard.DashboardPage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The page in a real browser, over a real cluster, while a foreign client sends. */
@ExtendWith(NoLeaks.class)
class LiveDashboardIT {
    private static final Duration BOUND = Duration.ofSeconds(60);

    @TempDir
    Path dataDir;

    @Test
    void followsTheTrafficByItselfAndEndsWithTheFiguresOfTheApi() throws Exception {
        Uclient.assumeInstalled("LiveDashboardIT");
        assumeChromium();
        try (TurnpikeCluster cluster = EmbeddedCluster.start(dataDir, 2); Chromium browser = Chromium.start()) {
            browser.resize(1400, 1100);
            TurnpikeApi api = new TurnpikeApi(cluster.api());
            api.putTenant("demo", "demo-secret");
            DashboardPage page = DashboardPage.open(browser, cluster.api(), "tenant=demo");
            assertThat(page.figure("total.billableBytes")).isEqualTo("0");

            CompletableFuture<Uclient.Totals> traffic = CompletableFuture.supplyAsync(() -> send(cluster));
            await("the page moves while the client sends").atMost(BOUND)
                    .until(() -> Long.parseLong(page.figure("total.billableBytes")) > 0);
            assertThat(traffic).as("the client still sends").isNotDone();
            browser.screenshot(Path.of("target", "dashboard-live.png"));

            Uclient.Totals sent = traffic.join();
            await("usage of uclient").atMost(BOUND).untilAsserted(() -> assertThat(
                    api.usage("demo", "demo").clientToRelay().payloadBytes()).isEqualTo(sent.sentBytes()));
            UserUsage total = UserUsage.of(api.get("v1/tenants/demo/usage").get("total"));
            page.awaitFigure("total.billableBytes", Long.toString(total.billableBytes()));
            page.awaitFigure("total.clientToRelay.payloadBytes", Long.toString(sent.sentBytes()));
            page.awaitFigure("total.relayToClient.payloadBytes", Long.toString(sent.receivedBytes()));
            page.awaitFigure("user.demo.billableBytes", Long.toString(total.billableBytes()));
            browser.screenshot(Path.of("target", "dashboard-end.png"));
        }
    }

    private static Uclient.Totals send(TurnpikeCluster cluster) {
        try {
            return Uclient.run(cluster.relay(1), List.of("-n", "500"));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assumeChromium() {
        boolean here = Chromium.installed().isPresent();
        if (!here) {
            System.out.println("SKIPPED LiveDashboardIT: Debian's chromium is not installed");
        }
        assumeTrue(here, "Debian's chromium is not installed");
    }
}
