package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.turnpike.client.ClientTransport;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestartIT {
    private static final String TENANT = "steady";
    private static final String USER = "al";
    private static final String SECRET = "steady-secret";
    private static final Duration BOUND = Duration.ofSeconds(50);

    @TempDir
    Path dataDir;

    @Test
    void aClusterStartedOnTheSameFolderGoesOnWithTheSameTotals() {
        UserUsage before;
        try (EmbeddedCluster cluster = EmbeddedCluster.start(dataDir, 2)) {
            Tenants.create(cluster, TENANT, SECRET);
            // Not released: what the second relay still held when it was stopped is in its final record.
            try (MeasuredCall one = call(cluster, 1); MeasuredCall two = call(cluster, 2)) {
                one.send(120, 700);
                two.send(60, 90);
                one.release();
                before = one.usage().plus(two.usage());
                cluster.stopRelay(2);
            }
            assertThatUsageIs(cluster, before);
        }
        try (EmbeddedCluster cluster = EmbeddedCluster.start(dataDir, 2)) {
            assertThatUsageIs(cluster, before);
            try (MeasuredCall more = call(cluster, 2)) {
                more.send(30, 500);
                more.release();
                assertThatUsageIs(cluster, before.plus(more.usage()));
                Arrivals.areAll(new TurnpikeApi(cluster.api()));
            }
        }
    }

    @Test
    void telemetryThatWasAwayCatchesUpToTheByte() {
        try (EmbeddedCluster cluster = EmbeddedCluster.start(dataDir, 1)) {
            Tenants.create(cluster, TENANT, SECRET);
            try (MeasuredCall call = call(cluster, 1)) {
                call.send(50, 300);
                cluster.stopTelemetry();
                call.send(50, 300);
                call.release();
                cluster.startTelemetry();
                cluster.awaitReady();
                assertThatUsageIs(cluster, call.usage());
            }
        }
    }

    private static MeasuredCall call(TurnpikeCluster cluster, int relay) {
        return MeasuredCall.start(cluster, relay, ClientTransport.UDP, TENANT, USER, SECRET);
    }

    private static void assertThatUsageIs(TurnpikeCluster cluster, UserUsage expected) {
        TurnpikeApi api = new TurnpikeApi(cluster.api());
        await("usage").atMost(BOUND).ignoreExceptions()
                .untilAsserted(() -> assertThat(api.usage(TENANT, USER)).isEqualTo(expected));
    }
}
