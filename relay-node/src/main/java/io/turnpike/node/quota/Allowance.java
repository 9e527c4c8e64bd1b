package io.turnpike.node.quota;

/**
 * What one allocation's data is debited from, before it is sent. Confined to the allocation's event loop; the credit
 * behind it belongs to the tenant and is drawn in slices that the tenant's allocations on one loop share.
 */
public final class Allowance {
    Allowance() {}

    /**
     * Debits bytes that are about to be sent.
     *
     * @param billableBytes by the tenant's billable rule, 0 or more
     * @return false if the quota does not cover them: they must be dropped
     */
    public boolean debit(int billableBytes) {
        return true;
    }

    /** Gives back the debit of bytes that a socket refused. */
    public void refund(int billableBytes) {}

    /** Ends it when its allocation ends; repeated calls do nothing. */
    public void close() {}
}
