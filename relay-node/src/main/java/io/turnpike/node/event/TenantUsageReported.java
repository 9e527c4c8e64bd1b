package io.turnpike.node.event;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What this node knows of one tenant, or of one user of it, for the quota ledger. Made by the quota table, not by event loops.
 *
 * @param occurredAt wall clock of the node
 * @param tenantId tenant
 * @param userId user whose quota this is about; empty for the tenant's
 * @param reportMonotonicNanos monotonic clock when the report was made; a grant echoes it
 * @param policyEpochSeen newest policy epoch that every event loop enforces
 * @param accounts each quota account of the tenant on this node
 * @param billableBytes cumulative billable bytes forwarded in this node epoch
 * @param activeAllocations live allocations
 * @param activeUsers users with a live allocation
 * @param rejectedAllocations cumulative Allocate requests answered 486
 * @param quotaDroppedBytes cumulative billable bytes dropped for want of quota
 * @param share leased share of rate and allocations; empty where the policy caps neither
 */
public record TenantUsageReported(Instant occurredAt, String tenantId, String userId,
        long reportMonotonicNanos, long policyEpochSeen, List<QuotaAccountState> accounts, long billableBytes,
        int activeAllocations, int activeUsers, long rejectedAllocations, long quotaDroppedBytes,
        Optional<QuotaShareState> share) implements RelayEvent {
    /** Copies the collections. */
    public TenantUsageReported {
        accounts = List.copyOf(accounts);
    }

    /** What this node knows of a tenant. */
    public TenantUsageReported(Instant occurredAt, String tenantId, long reportMonotonicNanos, long policyEpochSeen,
            List<QuotaAccountState> accounts, long billableBytes, int activeAllocations, int activeUsers,
            long rejectedAllocations, long quotaDroppedBytes, Optional<QuotaShareState> share) {
        this(occurredAt, tenantId, "", reportMonotonicNanos, policyEpochSeen, accounts, billableBytes,
                activeAllocations, activeUsers, rejectedAllocations, quotaDroppedBytes, share);
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
