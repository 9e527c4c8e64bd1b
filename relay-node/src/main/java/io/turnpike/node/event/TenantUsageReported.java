package io.turnpike.node.event;

import java.time.Instant;
import java.util.List;

/**
 * What this node knows of one tenant, for the quota ledger. Made by the quota table, not by event loops.
 *
 * @param occurredAt wall clock of the node
 * @param tenantId tenant
 * @param reportMonotonicNanos monotonic clock when the report was made; a grant echoes it
 * @param policyEpochSeen newest policy epoch that every event loop enforces
 * @param accounts each quota account of the tenant on this node
 * @param billableBytes cumulative billable bytes forwarded in this node epoch
 * @param activeAllocations live allocations
 * @param activeUsers users with a live allocation
 * @param rejectedAllocations cumulative Allocate requests answered 486
 * @param quotaDroppedBytes cumulative billable bytes dropped for want of quota
 */
public record TenantUsageReported(Instant occurredAt, String tenantId, long reportMonotonicNanos,
        long policyEpochSeen, List<QuotaAccountState> accounts, long billableBytes, int activeAllocations,
        int activeUsers, long rejectedAllocations, long quotaDroppedBytes) implements RelayEvent {
    /** Copies the collections. */
    public TenantUsageReported {
        accounts = List.copyOf(accounts);
    }

    @Override
    public String userId() {
        return "";
    }

    @Override
    public EventPriority priority() {
        return EventPriority.QUOTA;
    }

    @Override
    public <R> R accept(EventVisitor<R> visitor) {
        return visitor.visit(this);
    }
}
