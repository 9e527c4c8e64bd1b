package io.turnpike.node.turn;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Token buckets for any number of keys in fixed memory. A key has one bucket in each of four rows, chosen by a keyed hash,
 * and is refused only when all four are empty: with a few thousand keys that empty theirs, hardly any other key shares
 * all four with them, and nobody can compute which do. Thread-safe.
 *
 * <p>A bucket is one number, the time at which it would be full again (the generic cell rate algorithm), so that time
 * alone refills it. The rows are those of W. Feng et al., "Stochastic Fair Blue", INFOCOM 2001.
 */
final class HashedBuckets {
    private static final int ROWS = 4;
    private static final int ROW_BITS = 13;
    private static final int BUCKETS_OF_ROW = 1 << ROW_BITS;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final AtomicLongArray fullAgainNanos = new AtomicLongArray(ROWS * BUCKETS_OF_ROW);
    private final KeyedHash hash;
    private final long intervalNanos;
    private final long depthNanos;

    /**
     * Begins with full buckets.
     *
     * @param hash places the keys
     * @param perSecond tokens that come back each second
     * @param depth tokens that a full bucket holds
     */
    HashedBuckets(KeyedHash hash, int perSecond, int depth) {
        this.hash = hash;
        this.intervalNanos = Math.max(1, NANOS_PER_SECOND / perSecond);
        this.depthNanos = intervalNanos * depth;
    }

    /**
     * Takes a token, if there is one.
     *
     * @param high first half of the key
     * @param low second half of the key
     * @param nowNanos monotonic time, at least 0 at the start
     */
    boolean take(long high, long low, long nowNanos) {
        long places = hash.of(high, low);
        boolean taken = false;
        for (int row = 0; row < ROWS; row++) {
            int bucket = row * BUCKETS_OF_ROW + (int) (places >>> row * ROW_BITS & BUCKETS_OF_ROW - 1);
            taken |= take(bucket, nowNanos);
        }
        return taken;
    }

    private boolean take(int bucket, long nowNanos) {
        while (true) {
            long before = fullAgainNanos.get(bucket);
            long after = Math.max(before, nowNanos) + intervalNanos;
            if (after - nowNanos > depthNanos) {
                return false;
            }
            if (fullAgainNanos.compareAndSet(bucket, before, after)) {
                return true;
            }
        }
    }
}
