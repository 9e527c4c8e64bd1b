package io.turnpike.node.quota;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The half of a rate that one direction is sure of. Its level is one number, the time at which it would be full again, so
 * that time alone refills it. It holds what passes in a tenth of a second, and at least one datagram; what its direction
 * does not need, it lends to the other one. Thread-safe, without locks.
 */
final class RateHalf {
    /** Of the bits of the whole rate in a second, in bytes of a half in a nanosecond. */
    private static final double BITS_OF_BOTH_AND_NANOS = 16e9;
    private static final long DEPTH_NANOS = 100_000_000L;
    private static final long ONE_DATAGRAM_BYTES = 1_500;
    /** A direction that found too little lends nothing for this time, in which a stream that waits asks again. */
    private static final long SHORT_NANOS = 250_000_000L;
    /** A direction that has asked for nothing for this time lends everything. */
    private static final long IDLE_NANOS = 10_000_000_000L;
    /** Who needs less than there is keeps this part of the depth, and at least as much as its largest burst took lately. */
    private static final int KEPT_PART = 8;

    private final AtomicLong fullAgainNanos;
    private final AtomicLong askedAtNanos;
    private final AtomicLong shortAtNanos;
    private final RateBursts bursts;

    /** A half that is full now, of a direction that has asked for nothing yet. */
    RateHalf(long nowNanos) {
        fullAgainNanos = new AtomicLong(nowNanos);
        askedAtNanos = new AtomicLong(nowNanos - IDLE_NANOS);
        shortAtNanos = new AtomicLong(nowNanos - SHORT_NANOS);
        bursts = new RateBursts(nowNanos);
    }

    /** What it holds when it is full, of a rate of so many bits in a second for both directions. */
    static long depthBytes(long bits) {
        return bytes(depthNanos(bits), bits);
    }

    private static long depthNanos(long bits) {
        return Math.max(DEPTH_NANOS, costNanos(ONE_DATAGRAM_BYTES, bits) + 1);
    }

    /** What it holds for its direction, which needs so much now. */
    long heldBytes(long needed, long bits, long nowNanos) {
        long held = heldBytes(bits, missingNanos(fullAgainNanos.get(), nowNanos));
        askedAtNanos.setOpaque(nowNanos);
        if (held < needed) {
            shortAtNanos.setOpaque(nowNanos);
        }
        return held;
    }

    /** What it can lend. */
    long lendableBytes(long bits, long nowNanos) {
        long held = heldBytes(bits, missingNanos(fullAgainNanos.get(), nowNanos));
        return Math.max(0, held - keptBytes(bits, nowNanos));
    }

    private long keptBytes(long bits, long nowNanos) {
        if (nowNanos - shortAtNanos.getOpaque() < SHORT_NANOS) {
            return Long.MAX_VALUE;
        }
        if (nowNanos - askedAtNanos.getOpaque() >= IDLE_NANOS) {
            return 0;
        }
        long depth = depthBytes(bits);
        long burst = bytes(Math.min(depthNanos(bits), bursts.largestNanos(nowNanos)), bits) + 2; // lending rounds up
        return Math.max(depth / KEPT_PART, Math.max(burst, Math.min(ONE_DATAGRAM_BYTES, depth / 2)));
    }

    /** Notes what its direction has taken or wanted in vain. */
    void noteBurst(long bytes, long bits, long nowNanos) {
        bursts.note(costNanos(Math.min(bytes, depthBytes(bits)), bits), depthNanos(bits), nowNanos);
    }

    /** Takes for its direction what is wanted or there is; how much that was. */
    long take(long wanted, long bits, long nowNanos) {
        return take(wanted, 0, bits, nowNanos);
    }

    /** Takes for the other direction what is wanted or can be lent; how much that was. */
    long lend(long wanted, long bits, long nowNanos) {
        return take(wanted, keptBytes(bits, nowNanos), bits, nowNanos);
    }

    private long take(long wanted, long kept, long bits, long nowNanos) {
        while (true) {
            long before = fullAgainNanos.get();
            long missing = missingNanos(before, nowNanos);
            long taken = Math.min(wanted, heldBytes(bits, missing) - kept);
            if (taken <= 0) {
                return 0;
            }
            if (fullAgainNanos.compareAndSet(before, nowNanos + missing + costNanos(taken, bits))) {
                return taken;
            }
        }
    }

    /** Books what was sent before there were tokens for it: nothing is held until time has made up for it, at this half's speed. */
    void owe(long bytes, long bits, long nowNanos) {
        fullAgainNanos.updateAndGet(full -> nowNanos + missingNanos(full, nowNanos) + costNanos(bytes, bits));
    }

    /** Whether it owes more than it would hold. */
    boolean owes(long bits, long nowNanos) {
        return missingNanos(fullAgainNanos.get(), nowNanos) > depthNanos(bits);
    }

    /** Lays back what was taken at this rate. */
    void giveBack(long bytes, long bits) {
        fullAgainNanos.addAndGet(-costNanos(bytes, bits));
    }

    /** The rate has risen to so many bits: a half that was emptied at the slower one is empty, and no worse. */
    void rise(long bits, long nowNanos) {
        long emptyNanos = nowNanos + depthNanos(bits);
        fullAgainNanos.updateAndGet(full -> full - emptyNanos > 0 ? emptyNanos : full);
    }

    boolean isFull(long nowNanos) {
        return missingNanos(fullAgainNanos.get(), nowNanos) == 0;
    }

    private static long missingNanos(long fullAgainNanos, long nowNanos) {
        return Math.max(0, fullAgainNanos - nowNanos);
    }

    private static long heldBytes(long bits, long missingNanos) {
        return Math.max(0, bytes(depthNanos(bits) - missingNanos, bits));
    }

    private static long bytes(long nanos, long bits) {
        return (long) (nanos * (bits / BITS_OF_BOTH_AND_NANOS));
    }

    private static long costNanos(long bytes, long bits) {
        return (long) Math.ceil(bytes / (bits / BITS_OF_BOTH_AND_NANOS));
    }
}
