package io.turnpike.node.quota;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * The tokens of one rate, which event loops draw in slices. It holds what passes in a tenth of a second, and at least two
 * datagrams. Each direction is sure of a half, so that data which takes of the rate on its way in and on its way out does
 * not starve on the second way; what one does not need, the other draws. Thread-safe, without locks.
 */
final class RateBucket {
    private static final long LEAST_SLICE_BYTES = 750;
    /** Slices of all loops together hold at most about this part of a half. */
    private static final int SLICED_PART = 4;

    private final int loops;
    private final RateHalf toPeer;
    private final RateHalf toClient;
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
        toPeer = new RateHalf(nowNanos);
        toClient = new RateHalf(nowNanos);
    }

    /** A rate that no lease bounds. */
    static RateBucket of(long bitsPerSecond, int loops, long nowNanos) {
        return new RateBucket(new Pace(bitsPerSecond, nowNanos, bitsPerSecond), loops, nowNanos);
    }

    void follow(Pace newPace, long nowNanos) {
        long before = pace.at(nowNanos);
        long bits = newPace.at(nowNanos);
        pace = newPace;
        if (bits > before) {
            toPeer.rise(bits, nowNanos);
            toClient.rise(bits, nowNanos);
        }
    }

    /** The rate that holds now. */
    long bitsPerSecondAt(long nowNanos) {
        return pace.at(nowNanos);
    }

    /** Draws tokens of a direction, none if there are fewer than it needs; and a slice, if there is one. */
    long draw(Direction direction, long needed, long nowNanos) {
        return draw(direction, needed, needed, nowNanos);
    }

    /** Draws as many tokens of a direction as it needs or there are; and a slice, if there is one. */
    long drawUpTo(Direction direction, long needed, long nowNanos) {
        return draw(direction, needed, 1, nowNanos);
    }

    private long draw(Direction direction, long needed, long least, long nowNanos) {
        long bits = pace.at(nowNanos);
        if (bits <= 0) {
            return 0;
        }
        RateHalf own = half(direction);
        RateHalf other = own == toPeer ? toClient : toPeer;
        long held = own.heldBytes(needed, bits, nowNanos);
        if (held < least && held + other.lendableBytes(bits, nowNanos) < least) {
            own.noteBurst(needed, bits, nowNanos);
            return 0;
        }
        long wanted = Math.max(needed, sliceBytes(bits));
        long ofOwn = own.take(wanted, bits, nowNanos);
        long borrowed = ofOwn < needed ? other.lend(wanted - ofOwn, bits, nowNanos) : 0;
        if (ofOwn + borrowed < least) {
            // Another loop was faster.
            own.giveBack(ofOwn, bits);
            other.giveBack(borrowed, bits);
            return 0;
        }
        own.noteBurst(ofOwn + borrowed, bits, nowNanos);
        drawnBytes.getAndAdd(ofOwn + borrowed);
        return ofOwn + borrowed;
    }

    /** Takes over what a slice that ends has sent ahead. */
    void owe(Direction direction, long bytes, long nowNanos) {
        long bits = pace.at(nowNanos);
        if (bits > 0) {
            half(direction).owe(bytes, bits, nowNanos);
        }
    }

    /** Whether what slices that have ended had sent ahead is not paid for yet. */
    boolean owes(Direction direction, long nowNanos) {
        long bits = pace.at(nowNanos);
        return bits > 0 && half(direction).owes(bits, nowNanos);
    }

    private RateHalf half(Direction direction) {
        return direction == Direction.CLIENT_TO_PEER ? toPeer : toClient;
    }

    private long sliceBytes(long bits) {
        return Math.max(LEAST_SLICE_BYTES, RateHalf.depthBytes(bits) / (SLICED_PART * loops));
    }

    /** What a full bucket holds. */
    long depthBytes(long nowNanos) {
        long bits = pace.at(nowNanos);
        return bits <= 0 ? 0 : 2 * RateHalf.depthBytes(bits);
    }

    /** Whether it is as a new one would be. */
    boolean isFull(long nowNanos) {
        return toPeer.isFull(nowNanos) && toClient.isFull(nowNanos);
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
