package io.turnpike.node.quota;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When what was leased may be used (QUOTA.md rule 20). */
class LeaseTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long LEASE = 300 * SECOND;

    private final Lease lease = new Lease();

    @ParameterizedTest
    @ValueSource(longs = {0, -LEASE / 2, Long.MAX_VALUE - LEASE / 2, Long.MIN_VALUE})
    void holdsUntilItsEndWhateverTheClockSays(long origin) {
        lease.heldUntil(origin + LEASE);
        assertThat(lease.holds(origin + LEASE - 1)).isTrue();
        assertThat(lease.holds(origin + LEASE)).isFalse();
    }

    @Test
    void isNotHeldBeforeTheFirstShare() {
        assertThat(lease.holds(0)).isFalse();
        assertThat(lease.wasHeld()).isFalse();
    }

    @Test
    void isNotShortenedByAnOlderShareThatComesLater() {
        lease.heldUntil(10 * SECOND + LEASE);
        lease.heldUntil(2 * SECOND + LEASE);
        assertThat(lease.holds(10 * SECOND + LEASE - 1)).isTrue();
    }

    @Test
    void endsWhereTheProcessStoodStill() {
        lease.heldUntil(SECOND + LEASE);
        lease.stoodStill(20 * SECOND);
        assertThat(lease.holds(20 * SECOND)).isFalse();
        assertThat(lease.wasHeld()).isTrue();
        lease.heldUntil(21 * SECOND + LEASE);
        assertThat(lease.holds(22 * SECOND)).isTrue();
    }
}
