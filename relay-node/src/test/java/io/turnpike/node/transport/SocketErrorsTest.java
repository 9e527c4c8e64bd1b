package io.turnpike.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.node.allocation.ManualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SocketErrorsTest {
    private final ManualTime time = new ManualTime();
    private final SocketErrors errors = new SocketErrors(time::nanoTime);

    @Test
    void logsOneLineASecondAndCountsTheOthers() {
        assertThat(errors.mayLog()).isTrue();
        for (int i = 0; i < 1000; i++) {
            assertThat(errors.mayLog()).isFalse();
        }
        time.advance(Duration.ofSeconds(1));
        assertThat(errors.mayLog()).isTrue();
        assertThat(errors.takeLeftOut()).isEqualTo(1000);
        assertThat(errors.takeLeftOut()).isZero();
    }
}
