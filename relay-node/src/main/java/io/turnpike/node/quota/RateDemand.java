package io.turnpike.node.quota;

/** How fast a tenant's data wants to pass on this node: rises at once, falls slowly. Guarded by the tenant. */
final class RateDemand {
    private static final double SMOOTHING_NANOS = 3e9;
    private static final long SHORTEST_NANOS = 200_000_000;
    private static final int BITS_PER_BYTE = 8;

    private long measuredAtNanos;
    private long triedBytes;
    private double bitsPerSecond;

    RateDemand(long nowNanos) {
        measuredAtNanos = nowNanos;
    }

    /** Begins with a new bucket. */
    void begin(long nowNanos) {
        measuredAtNanos = nowNanos;
        triedBytes = 0;
        bitsPerSecond = 0;
    }

    /** Looks at a bucket. Whose streams wait wants at least twice what it gets. */
    void measure(RateBucket bucket, long nowNanos) {
        long elapsed = nowNanos - measuredAtNanos;
        if (elapsed < SHORTEST_NANOS) {
            return;
        }
        long tried = bucket.triedBytes();
        double current = (tried - triedBytes) * BITS_PER_BYTE * 1e9 / elapsed;
        if (bucket.takeStreamWaits()) {
            current = Math.max(current, 2.0 * bucket.bitsPerSecondAt(nowNanos));
        }
        double weight = current > bitsPerSecond ? 1 : 1 - Math.exp(-elapsed / SMOOTHING_NANOS);
        bitsPerSecond += (current - bitsPerSecond) * weight;
        triedBytes = tried;
        measuredAtNanos = nowNanos;
    }

    long bitsPerSecond() {
        return (long) bitsPerSecond;
    }
}
