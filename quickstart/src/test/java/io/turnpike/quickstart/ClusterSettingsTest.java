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

    private RelayConfig relay(int index) {
        return RelayConfig.load(settings.relay(index, dataDir, 3478, 9101));
    }
}
