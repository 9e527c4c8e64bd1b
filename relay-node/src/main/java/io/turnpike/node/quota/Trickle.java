package io.turnpike.node.quota;

import io.turnpike.node.usage.TokenRate;
import java.time.Duration;

/**
 * The rate at which each allocation of a tenant spends the tail reserve, and when that is over. What an allocation knows
 * of its own bucket is one number, the time at which it would be full again. Immutable.
 */
final class Trickle {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final int BITS_PER_BYTE = 8;
    /** A node asks for what this time takes. */
    private static final Duration HORIZON = Duration.ofSeconds(2);
    /** A bucket holds this time's bytes, and at least one datagram. */
    private static final long DEPTH_NANOS = 500_000_000L;
    private static final int ONE_DATAGRAM_BYTES = 1500;

    private final TokenRate bytes;
    private final long untilNanos;

    Trickle(Ladder ladder, long nowNanos) {
        long nanosPerByte = Math.max(1, NANOS_PER_SECOND * BITS_PER_BYTE / ladder.trickleBitsPerSecond());
        bytes = TokenRate.ofNanos(nanosPerByte, Math.max(DEPTH_NANOS, nanosPerByte * ONE_DATAGRAM_BYTES));
        untilNanos = nowNanos + ladder.trickleTime().toNanos();
    }

    /** What so many allocations spend in the next seconds. */
    static long soonBytes(Ladder ladder, int allocations) {
        return ladder.trickleBitsPerSecond() / BITS_PER_BYTE * HORIZON.toSeconds() * allocations;
    }

    boolean isOver(long nowNanos) {
        return nowNanos - untilNanos >= 0;
    }

    /**
     * Takes bytes off a bucket.
     *
     * @param fullAgainNanos the bucket's number
     * @param count bytes
     * @return the bucket's number from now on; the same one if the bytes must not be sent
     */
    long take(long fullAgainNanos, int count, long nowNanos) {
        return isOver(nowNanos) ? fullAgainNanos : bytes.take(fullAgainNanos, count, nowNanos);
    }
}
