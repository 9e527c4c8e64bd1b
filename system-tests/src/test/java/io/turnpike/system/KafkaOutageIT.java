package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.turnpike.client.ClientTransport;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaOutageIT {
    private static final String TENANT = "outage";
    private static final String SECRET = "outage-secret";
    private static final Duration BOUND = Duration.ofSeconds(90);

    @TempDir
    Path dataDir;

    @Test
    void relayingGoesOnWithoutKafkaAndTheTotalsAreEqualAfterwards() {
        try (EmbeddedCluster cluster = EmbeddedCluster.start(dataDir, 2)) {
            Tenants.create(cluster, TENANT, SECRET);
            TurnpikeApi api = new TurnpikeApi(cluster.api());
            try (MeasuredCall lasting = call(cluster, 1, ClientTransport.UDP, "al");
                    MeasuredCall ending = call(cluster, 2, ClientTransport.TCP, "bea")) {
                lasting.send(100, 400);
                ending.send(100, 400);

                cluster.stopBroker();
                lasting.send(200, 401);
                ending.send(200, 402);
                ending.release();
                UserUsage during;
                try (MeasuredCall whole = call(cluster, 2, ClientTransport.UDP, "cy")) {
                    whole.send(100, 403);
                    whole.release();
                    during = whole.usage();
                }
                cluster.startBroker();
                lasting.send(100, 404);
                lasting.release();

                assertThatUsageIs(api, "al", lasting.usage());
                assertThatUsageIs(api, "bea", ending.usage());
                assertThatUsageIs(api, "cy", during);
                Arrivals.areAll(api);
            }
        }
    }

    private static MeasuredCall call(TurnpikeCluster cluster, int relay, ClientTransport transport, String user) {
        return MeasuredCall.start(cluster, relay, transport, TENANT, user, SECRET);
    }

    private static void assertThatUsageIs(TurnpikeApi api, String user, UserUsage expected) {
        await("usage of " + user).atMost(BOUND).ignoreExceptions()
                .untilAsserted(() -> assertThat(api.usage(TENANT, user)).isEqualTo(expected));
    }
}
