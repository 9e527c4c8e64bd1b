package io.turnpike.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LoopLagTest {
    private long now = 1_000_000_000L;
    private final LoopLag lag = new LoopLag(() -> now, 100_000_000L);

    @Test
    void tellsTheLargestDelaySinceItWasAskedLast() {
        tickAfter(100_000_000L);
        tickAfter(350_000_000L);
        tickAfter(120_000_000L);

        assertThat(lag.takeWorstSeconds()).isEqualTo(0.25);
        assertThat(lag.takeWorstSeconds()).isZero();
    }

    @Test
    void isZeroForALoopThatCatchesUp() {
        tickAfter(10_000_000L);

        assertThat(lag.takeWorstSeconds()).isZero();
    }

    private void tickAfter(long nanos) {
        now += nanos;
        lag.run();
    }
}
