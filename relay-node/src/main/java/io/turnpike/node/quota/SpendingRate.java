package io.turnpike.node.quota;

/** Smoothed spending of a tenant on this node, and when it last tried to spend. Guarded by the tenant. */
final class SpendingRate {
    private static final double SMOOTHING_NANOS = 5e9;
    private static final long SHORTEST_NANOS = 50_000_000;

    private long measuredAtNanos;
    private long spentBytes;
    private long triedBytes;
    private long triedAtNanos;
    private double bytesPerSecond;

    SpendingRate(long nowNanos) {
        measuredAtNanos = nowNanos;
        triedAtNanos = nowNanos;
    }

    /**
     * Takes cumulative figures.
     *
     * @param spent bytes forwarded
     * @param tried bytes forwarded or refused
     */
    void measure(long spent, long tried, long nowNanos) {
        if (tried != triedBytes) {
            triedBytes = tried;
            triedAtNanos = nowNanos;
        }
        long elapsed = nowNanos - measuredAtNanos;
        if (elapsed < SHORTEST_NANOS) {
            return;
        }
        double current = Math.max(0, spent - spentBytes) * 1e9 / elapsed;
        double weight = bytesPerSecond == 0 ? 1 : 1 - Math.exp(-elapsed / SMOOTHING_NANOS);
        bytesPerSecond += (current - bytesPerSecond) * weight;
        spentBytes = spent;
        measuredAtNanos = nowNanos;
    }

    long bytesPerSecond() {
        return (long) bytesPerSecond;
    }

    /** Somebody is about to spend: credit that was just fetched for a new allocation is not idle. */
    void expectSpending(long nowNanos) {
        triedAtNanos = nowNanos;
    }

    long idleNanos(long nowNanos) {
        return nowNanos - triedAtNanos;
    }
}
