package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A foreign client, coturn's, sends through both relays over both transports, and its own counters are the API's. */
class UclientIT {
    private static final Duration BOUND = Duration.ofSeconds(50);

    @TempDir
    Path dataDir;

    @Test
    void coturnsClientLosesNothingAndTheApiShowsItsCounters() throws Exception {
        Uclient.require("UclientIT");
        try (TurnpikeCluster cluster = EmbeddedCluster.start(dataDir, 2)) {
            TurnpikeApi api = new TurnpikeApi(cluster.api());
            Uclient.Totals sum = new Uclient.Totals(0, 0, 0, 0);
            for (int relay = 1; relay <= 2; relay++) {
                for (List<String> transport : List.of(List.<String>of(), List.of("-t"))) {
                    sum = sum.plus(Uclient.run(cluster.relay(relay), transport));
                    assertThatTheApiShows(api, sum);
                }
            }
        }
    }

    private static void assertThatTheApiShows(TurnpikeApi api, Uclient.Totals sum) {
        await("usage of uclient").atMost(BOUND).untilAsserted(() -> {
            UserUsage usage = api.usage("demo", "demo");
            assertThat(new Uclient.Totals(usage.clientToRelay().packets(), usage.relayToClient().packets(),
                    usage.clientToRelay().payloadBytes(), usage.relayToClient().payloadBytes())).isEqualTo(sum);
        });
    }
}
