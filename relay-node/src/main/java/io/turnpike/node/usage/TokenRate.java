package io.turnpike.node.usage;

/**
 * Bounds how often something may happen. The state of whoever is bounded is one number, the time at which its bucket would
 * be full again, so that time alone refills it; many can share a rate. Immutable.
 */
public final class TokenRate {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final long intervalNanos;
    private final long depthNanos;

    /**
     * A rate for buckets that begin full: with the present time as their number.
     *
     * @param perSecond tokens that come back each second
     * @param depth tokens that a full bucket holds
     */
    public TokenRate(int perSecond, int depth) {
        intervalNanos = Math.max(1, NANOS_PER_SECOND / perSecond);
        depthNanos = intervalNanos * depth;
    }

    private TokenRate(long intervalNanos, long depthNanos) {
        this.intervalNanos = intervalNanos;
        this.depthNanos = depthNanos;
    }

    /**
     * A rate by times, for tokens that are too many a second to be counted so.
     *
     * @param interval nanoseconds in which a token comes back, at least 1
     * @param depth nanoseconds in which an empty bucket is full again
     */
    public static TokenRate ofNanos(long interval, long depth) {
        return new TokenRate(interval, depth);
    }

    /**
     * Takes tokens.
     *
     * @param fullAgainNanos the bucket's number
     * @param tokens at least 1
     * @param nowNanos monotonic time
     * @return the bucket's number from now on; the same one if there are too few tokens
     */
    public long take(long fullAgainNanos, int tokens, long nowNanos) {
        long after = (fullAgainNanos - nowNanos > 0 ? fullAgainNanos : nowNanos) + tokens * intervalNanos;
        return after - nowNanos > depthNanos ? fullAgainNanos : after;
    }
}
