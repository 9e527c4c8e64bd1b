package io.turnpike.node.allocation;

import io.turnpike.node.event.EndReason;
import io.turnpike.node.usage.UsageMeter;
import java.time.Duration;
import java.time.Instant;

/**
 * Sends an allocation's counters: every active interval while bytes move, every idle interval otherwise. Looks there too
 * whether the quota has ended the allocation. Confined to the allocation's event loop.
 */
final class Sampling extends Expiring {
    private final Allocation allocation;
    private final AllocationTable table;
    private Instant intervalStart;
    private long sampledAtNanos;
    private long sampledPackets;

    /** Starts at the creation of the allocation, when all counters are zero. */
    Sampling(Allocation allocation, AllocationTable table, long nowNanos) {
        this.allocation = allocation;
        this.table = table;
        intervalStart = table.now();
        sampledAtNanos = nowNanos;
    }

    /** The previous sample, or the creation. */
    Instant intervalStart() {
        return intervalStart;
    }

    @Override
    protected void expired(long nowNanos) {
        UsageMeter usage = allocation.usage();
        Duration idle = table.intervals().idle();
        if (usage.packets() != sampledPackets || nowNanos - sampledAtNanos >= idle.toNanos()) {
            intervalStart = table.events().sampled(allocation, intervalStart, false);
            sampledPackets = usage.packets();
            sampledAtNanos = nowNanos;
        }
        if (allocation.isCreditOver()) {
            table.end(allocation, EndReason.QUOTA);
        } else {
            schedule(nowNanos);
        }
    }

    void schedule(long nowNanos) {
        table.wheel().schedule(this, nowNanos + table.intervals().active().toNanos());
    }
}
