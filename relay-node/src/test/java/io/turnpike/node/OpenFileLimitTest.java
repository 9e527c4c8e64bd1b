package io.turnpike.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.node.config.RelayConfig.RelayAddressConfig;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenFileLimitTest {
    private final RelayAddressConfig relay = new RelayAddressConfig(List.of("192.0.2.1", "192.0.2.2"),
            List.of("2001:db8::1"), List.of(), List.of(), 10_000, 59_999, Duration.ZERO, 0);

    @Test
    void saysHowManyAllocationsFitWhereTheLimitIsBelowTheRelayPorts() {
        assertThat(OpenFileLimit.shortage(relay, 20_000)).get().asString()
                .contains("20000 files", "150000 relay ports", "19744 allocations", "150256");
    }

    @Test
    void saysNothingWhereEveryRelayPortMayHaveItsSocket() {
        assertThat(OpenFileLimit.shortage(relay, 150_256)).isEmpty();
    }
}
