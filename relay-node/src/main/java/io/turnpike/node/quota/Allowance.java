package io.turnpike.node.quota;

/**
 * What one allocation's data is debited from, before it is sent. Confined to the allocation's event loop; the credit
 * behind it belongs to the tenant and is drawn in slices that the tenant's allocations on one loop share.
 */
public final class Allowance {
    private final ScopedQuota tenant;
    private final String userId;
    private final Lane lane;
    /** State of the tenant's {@link Trickle}. */
    private long fullAgainNanos;
    private boolean closed;

    Allowance(ScopedQuota tenant, String userId, Lane lane) {
        this.tenant = tenant;
        this.userId = userId;
        this.lane = lane;
        fullAgainNanos = lane.nanos();
        lane.opened();
    }

    /**
     * Debits bytes that are about to be sent.
     *
     * @param billableBytes by the tenant's billable rule, 0 or more
     * @return false if the quota does not cover them: they must be dropped
     */
    public boolean debit(int billableBytes) {
        return lane.debit(billableBytes, this);
    }

    /**
     * Debits as much as the credit covers, of bytes that can wait for the rest: a stream's. What is refused is no drop, and
     * keeps the account asking for credit.
     *
     * @param billableBytes by the tenant's billable rule, 1 or more
     * @return what was debited, 0 to {@code billableBytes}
     */
    public int debitUpTo(int billableBytes) {
        return lane.debitUpTo(billableBytes, this);
    }

    /** Takes bytes off this allocation's share of a trickle. */
    boolean takesPart(Trickle trickle, int bytes) {
        long before = fullAgainNanos;
        fullAgainNanos = trickle.take(before, bytes, lane.nanos());
        return fullAgainNanos != before || bytes == 0;
    }

    /** Whether the quota has silenced the allocation for so long that it must end. */
    public boolean isOver() {
        return tenant.isOver();
    }

    /** Gives back the debit of bytes that a socket refused. */
    public void refund(int billableBytes) {
        lane.refund(billableBytes);
    }

    /** Ends it when its allocation ends, or when none was made after all; repeated calls do nothing. */
    public void close() {
        if (!closed) {
            closed = true;
            lane.closed();
            tenant.allocationEnded(userId);
        }
    }
}
