package io.turnpike.node.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SamplingGuardTest {
    private static final long SECOND = 1_000_000_000L;

    private final SamplingGuard guard = new SamplingGuard();

    @Test
    void passesTenEventsASecondAndTellsHowManyItLeftOut() {
        long passed = 0;
        for (int i = 0; i < 25; i++) {
            passed += guard.admit("acme", i).isPresent() ? 1 : 0;
        }

        assertThat(passed).isEqualTo(10);
        assertThat(guard.admit("acme", SECOND)).isEqualTo(OptionalLong.of(15));
        assertThat(guard.admit("acme", SECOND + 1)).isEqualTo(OptionalLong.of(0));
    }

    @Test
    void countsEachTenantApart() {
        for (int i = 0; i < 11; i++) {
            guard.admit("acme", 0);
        }

        assertThat(guard.admit("acme", 0)).isEmpty();
        assertThat(guard.admit("demo", 0)).isEqualTo(OptionalLong.of(0));
    }

    @Test
    void worksWithAMonotonicClockThatOverflows() {
        long start = Long.MAX_VALUE - 5;
        for (int i = 0; i < 11; i++) {
            guard.admit("acme", start);
        }

        assertThat(guard.admit("acme", start + SECOND)).isEqualTo(OptionalLong.of(1));
    }
}
