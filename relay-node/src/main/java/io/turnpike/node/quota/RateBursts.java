package io.turnpike.node.quota;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much one direction takes at once of its half of a rate, in the time that pays for it. What its largest burst of the
 * last seconds took must be there for the next one. Thread-safe; of notes that are made at once one may be lost.
 */
final class RateBursts {
    /** The largest of the last one to two such times counts. */
    private static final long WINDOW_NANOS = 2_000_000_000L;

    /** When everything that was asked for would be paid for by the half alone. */
    private final AtomicLong paidAtNanos;
    private final AtomicLong windowAtNanos;
    private final AtomicLong largestNanos = new AtomicLong();
    private final AtomicLong largestBeforeNanos = new AtomicLong();

    RateBursts(long nowNanos) {
        paidAtNanos = new AtomicLong(nowNanos);
        windowAtNanos = new AtomicLong(nowNanos);
    }

    /**
     * Notes what the direction has taken or wanted in vain.
     *
     * @param costNanos in which the half earns it
     * @param depthNanos in which the half is full; no burst is larger
     */
    void note(long costNanos, long depthNanos, long nowNanos) {
        long debt = Math.min(depthNanos, Math.max(0, paidAtNanos.getOpaque() - nowNanos) + costNanos);
        paidAtNanos.setOpaque(nowNanos + debt);
        long age = nowNanos - windowAtNanos.getOpaque();
        if (age >= WINDOW_NANOS) {
            largestBeforeNanos.setOpaque(age < 2 * WINDOW_NANOS ? largestNanos.getOpaque() : 0);
            largestNanos.setOpaque(debt);
            windowAtNanos.setOpaque(nowNanos);
        } else if (debt > largestNanos.getOpaque()) {
            largestNanos.setOpaque(debt);
        }
    }

    /** The largest burst of the last seconds. */
    long largestNanos(long nowNanos) {
        long age = nowNanos - windowAtNanos.getOpaque();
        if (age >= 2 * WINDOW_NANOS) {
            return 0;
        }
        return age >= WINDOW_NANOS
                ? largestNanos.getOpaque()
                : Math.max(largestNanos.getOpaque(), largestBeforeNanos.getOpaque());
    }
}
