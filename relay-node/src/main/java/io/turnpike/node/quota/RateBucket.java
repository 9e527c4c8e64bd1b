package io.turnpike.node.quota;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * The tokens of one rate, which event loops draw in slices. Its level is one number, the time at which it would be full
 * again, so that time alone refills it. It holds what passes in a tenth of a second, and at least two datagrams.
 * Thread-safe, without locks.
 */
final class RateBucket {
    private static final double NANOS_PER_SECOND_AND_BITS_PER_BYTE = 8e9;
    private static final long DEPTH_NANOS = 100_000_000L;
    private static final long LEAST_DEPTH_BYTES = 3_000;
    private static final long LEAST_SLICE_BYTES = 1_500;
    /** Slices of all loops together hold at most about this part of the depth. */
    private static final int SLICED_PART = 4;

    private final int loops;
    private final AtomicLong fullAgainNanos;
    private final AtomicLong drawnBytes = new AtomicLong();
    private final LongAdder refusedBytes = new LongAdder();
    private volatile boolean streamWaits;
    private volatile Pace pace;

    /**
     * A rate that holds for a time.
     *
     * @param bitsPerSecond until then
     * @param untilNanos when a lease ends, by the monotonic clock
     * @param laterBitsPerSecond from then on
     */
    record Pace(long bitsPerSecond, long untilNanos, long laterBitsPerSecond) {
        long at(long nowNanos) {
            return nowNanos - untilNanos < 0 ? bitsPerSecond : laterBitsPerSecond;
        }
    }

    /** A bucket that is full now, and drawn from by so many loops. */
    RateBucket(Pace pace, int loops, long nowNanos) {
        this.pace = pace;
        this.loops = loops;
        fullAgainNanos = new AtomicLong(nowNanos);
    }

    /** A rate that no lease bounds. */
    static RateBucket of(long bitsPerSecond, int loops, long nowNanos) {
        return new RateBucket(new Pace(bitsPerSecond, nowNanos, bitsPerSecond), loops, nowNanos);
    }

    void follow(Pace newPace) {
        pace = newPace;
    }

    /** The rate that holds now. */
    long bitsPerSecondAt(long nowNanos) {
        return pace.at(nowNanos);
    }

    /**
     * Draws tokens, as many bytes as are wanted or there are.
     *
     * @param wanted at least 1
     * @param least if there are fewer, none are drawn
     */
    long draw(long wanted, long least, long nowNanos) {
        long bits = pace.at(nowNanos);
        if (bits <= 0) {
            return 0;
        }
        double bytesPerNano = bits / NANOS_PER_SECOND_AND_BITS_PER_BYTE;
        long depthNanos = depthNanos(bits);
        while (true) {
            long before = fullAgainNanos.get();
            long missingNanos = Math.max(0, before - nowNanos);
            long drawn = Math.min(wanted, (long) ((depthNanos - missingNanos) * bytesPerNano));
            if (drawn < least || drawn <= 0) {
                return 0;
            }
            long costNanos = (long) Math.ceil(drawn / bytesPerNano);
            if (fullAgainNanos.compareAndSet(before, nowNanos + missingNanos + costNanos)) {
                drawnBytes.getAndAdd(drawn);
                return drawn;
            }
        }
    }

    /** What a loop draws at once. */
    long sliceBytes(long nowNanos) {
        return Math.max(LEAST_SLICE_BYTES, depthBytes(nowNanos) / (SLICED_PART * loops));
    }

    /** What a full bucket holds. */
    long depthBytes(long nowNanos) {
        long bits = pace.at(nowNanos);
        return bits <= 0 ? 0 : (long) (depthNanos(bits) * (bits / NANOS_PER_SECOND_AND_BITS_PER_BYTE));
    }

    private static long depthNanos(long bits) {
        return Math.max(DEPTH_NANOS, (long) (LEAST_DEPTH_BYTES * NANOS_PER_SECOND_AND_BITS_PER_BYTE / bits) + 1);
    }

    /** Notes data that must not pass. */
    void refused(int bytes) {
        refusedBytes.add(bytes);
    }

    /** Notes data that waits: its sender would send more than is seen. */
    void streamWaits() {
        streamWaits = true;
    }

    /** Whether data has waited since the last call. */
    boolean takeStreamWaits() {
        boolean waited = streamWaits;
        streamWaits = false;
        return waited;
    }

    /** Bytes that passed or wanted to, since the bucket was made. */
    long triedBytes() {
        return drawnBytes.get() + refusedBytes.sum();
    }
}
