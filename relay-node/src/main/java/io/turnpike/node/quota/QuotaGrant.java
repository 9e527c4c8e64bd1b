package io.turnpike.node.quota;

import io.turnpike.contract.QuotaPeriod;
import java.time.Instant;

/**
 * Full state of one quota account as the ledger decided it; never a delta.
 *
 * @param tenantId tenant
 * @param userId user whose quota this is; empty for the tenant's
 * @param periodId period, ordered as text
 * @param periodStart first instant of the period
 * @param periodEnd first instant after it
 * @param nodeId node that may spend it
 * @param nodeEpoch epoch of that node
 * @param processNonce process that may spend it
 * @param policyEpoch policy that the decision follows
 * @param grantSeq 1, 2, 3 ... per account
 * @param grantBytes cumulative allowance (G)
 * @param exhausted whether the whole quota is spent
 * @param recall whether the node is asked to return what it does not need
 * @param closed whether the account's final report was taken
 * @param answeredReportMonotonicNanos monotonic clock of the report that this answers
 * @param opening opening of a user's account that it is for; 0 for a tenant's
 * @param trickle whether what is unspent is of the tail reserve and may only trickle
 * @param leaseNanos how long the ledger stands behind it, from that report's sending
 */
public record QuotaGrant(String tenantId, String userId, String periodId, Instant periodStart, Instant periodEnd,
        String nodeId, long nodeEpoch, long processNonce, long policyEpoch, long grantSeq, long grantBytes,
        boolean exhausted, boolean recall, boolean closed, long answeredReportMonotonicNanos, long opening,
        boolean trickle, long leaseNanos) {
    /** The protocol's lease of 300 s. */
    static final long STANDARD_LEASE_NANOS = 300_000_000_000L;

    /** A grant of a tenant's account, with the protocol's lease. */
    public QuotaGrant(String tenantId, String userId, String periodId, Instant periodStart, Instant periodEnd,
            String nodeId, long nodeEpoch, long processNonce, long policyEpoch, long grantSeq, long grantBytes,
            boolean exhausted, boolean recall, boolean closed, long answeredReportMonotonicNanos, boolean trickle) {
        this(tenantId, userId, periodId, periodStart, periodEnd, nodeId, nodeEpoch, processNonce, policyEpoch, grantSeq,
                grantBytes, exhausted, recall, closed, answeredReportMonotonicNanos, 0, trickle, STANDARD_LEASE_NANOS);
    }

    QuotaPeriod period() {
        return new QuotaPeriod(periodId, periodStart, periodEnd);
    }

    /** Whether the grant's period runs at this instant. */
    boolean runsAt(Instant instant) {
        return !periodStart.isAfter(instant) && periodEnd.isAfter(instant);
    }
}
