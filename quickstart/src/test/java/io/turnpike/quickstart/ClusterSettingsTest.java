package io.turnpike.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.contract.SecretSeal;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.telemetry.config.TelemetryConfig;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterSettingsTest {
    private final ClusterSettings settings = new ClusterSettings("127.0.0.1:9092", SecretSeal.newKey());

    @TempDir
    Path dataDir;

    @Test
    void givesEveryRelayABlockOfRelayPortsOfItsOwn() {
        RelayConfig previous = relay(1);
        for (int relay = 2; relay <= QuickstartOptions.MOST_RELAYS; relay++) {
            RelayConfig next = relay(relay);
            assertThat(next.relay().portMin()).isEqualTo(previous.relay().portMax() + 1);
            previous = next;
        }
        assertThat(previous.relay().portMax()).isEqualTo(65535);
    }

    @Test
    void writesOutThatTheQuickstartLimitsNobody() {
        assertThat(relay(1).quota().defaultPolicy().mode().name()).isEqualTo("OFF");
        assertThat(TelemetryConfig.load(settings.telemetry(dataDir, 8080, List.of())).quotaDefault().mode().name())
                .isEqualTo("OFF");
    }

    @Test
    void sendsTheClientsOfADrainingRelayToTheOtherRelays() {
        RelayConfig second = RelayConfig.load(
                Ports.DEFAULT.alternatesOf(2, 2).withFallback(settings.relay(2, dataDir, 3488, 9102)));

        assertThat(second.drain().alternates()).hasSize(4 * Demo.relayAddresses().size())
                .allSatisfy(alternate -> assertThat(alternate.port())
                        .isEqualTo(alternate.transport().orElseThrow().name().endsWith("TLS") ? 5349 : 3478));
        assertThat(RelayConfig.load(
                Ports.DEFAULT.alternatesOf(1, 1).withFallback(settings.relay(1, dataDir, 3478, 9101))).drain()
                .alternates()).isEmpty();
    }

    private RelayConfig relay(int index) {
        return RelayConfig.load(settings.relay(index, dataDir, 3478, 9101));
    }
}
