package io.turnpike.node.usage;

import java.util.concurrent.atomic.AtomicLong;

/** Bounds how often something may happen: a {@link TokenRate} with its state. Thread-safe. */
public final class TokenBucket {
    private final AtomicLong fullAgainNanos;
    private final TokenRate rate;

    /**
     * Begins full.
     *
     * @param perSecond tokens that come back each second
     * @param depth tokens that it holds when it is full
     * @param nowNanos monotonic time
     */
    public TokenBucket(int perSecond, int depth, long nowNanos) {
        fullAgainNanos = new AtomicLong(nowNanos);
        rate = new TokenRate(perSecond, depth);
    }

    /** Takes a token, if there is one now. */
    public boolean take(long nowNanos) {
        return take(1, nowNanos);
    }

    /** Takes several tokens, or none if there are fewer. */
    public boolean take(int tokens, long nowNanos) {
        while (true) {
            long before = fullAgainNanos.get();
            long after = rate.take(before, tokens, nowNanos);
            if (after == before) {
                return false;
            }
            if (fullAgainNanos.compareAndSet(before, after)) {
                return true;
            }
        }
    }
}
