package io.turnpike.node.usage;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds how often something may happen. It is kept as one number, the time at which the bucket would be full again, so
 * that time alone refills it. Thread-safe.
 */
public final class TokenBucket {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final AtomicLong fullAgainNanos;
    private final long intervalNanos;
    private final long depthNanos;

    /**
     * Begins full.
     *
     * @param perSecond tokens that come back each second
     * @param depth tokens that it holds when it is full
     * @param nowNanos monotonic time
     */
    public TokenBucket(int perSecond, int depth, long nowNanos) {
        this.fullAgainNanos = new AtomicLong(nowNanos);
        this.intervalNanos = Math.max(1, NANOS_PER_SECOND / perSecond);
        this.depthNanos = intervalNanos * depth;
    }

    /** Takes a token, if there is one now. */
    public boolean take(long nowNanos) {
        return take(1, nowNanos);
    }

    /** Takes several tokens, or none if there are fewer. */
    public boolean take(int tokens, long nowNanos) {
        while (true) {
            long before = fullAgainNanos.get();
            long after = (before - nowNanos > 0 ? before : nowNanos) + tokens * intervalNanos;
            if (after - nowNanos > depthNanos) {
                return false;
            }
            if (fullAgainNanos.compareAndSet(before, after)) {
                return true;
            }
        }
    }
}
