package io.turnpike.node.usage;

import java.time.Duration;

/**
 * Decides when an allocation's counters are sent: every active interval while bytes move, every idle interval
 * otherwise. Confined to the allocation's event loop.
 */
public final class SampleSchedule {
    private final long activeNanos;
    private final long idleNanos;
    private long sampledAtNanos;
    private long sampledPackets;

    /**
     * Starts at the creation of the allocation, when all counters are zero.
     *
     * @param active time between samples while bytes move; also how often {@link #isDue} wants to be asked
     * @param idle longest time between samples
     * @param nowNanos monotonic clock
     */
    public SampleSchedule(Duration active, Duration idle, long nowNanos) {
        if (active.compareTo(idle) > 0 || active.isZero() || active.isNegative()) {
            throw new IllegalArgumentException(
                    "usage.active-interval must be positive and at most usage.idle-interval: " + active + ", " + idle);
        }
        activeNanos = active.toNanos();
        idleNanos = idle.toNanos();
        sampledAtNanos = nowNanos;
    }

    /** When to ask next. */
    public long nextCheckNanos(long nowNanos) {
        return nowNanos + activeNanos;
    }

    /** Whether a sample should be sent now. */
    public boolean isDue(UsageMeter meter, long nowNanos) {
        return meter.packets() != sampledPackets || nowNanos - sampledAtNanos >= idleNanos;
    }

    /** Notes that a sample was sent. */
    public void sampled(UsageMeter meter, long nowNanos) {
        sampledPackets = meter.packets();
        sampledAtNanos = nowNanos;
    }
}
