package io.turnpike.node.quota;

/**
 * Full state of a leased share of this or another process, as the ledger decided it; never a delta.
 *
 * @param tenantId tenant
 * @param userId user whose slots these are; empty for the tenant's share, which carries the lease
 * @param nodeId node that may use it
 * @param nodeEpoch epoch of that node
 * @param processNonce process that may use it
 * @param shareSeq 1, 2, 3 ... for each process and user
 * @param bitsPerSecond rate; 0 where the policy has no cap
 * @param slots allocations that may be there
 * @param full whether nobody holds a slot that could be given for what was asked
 * @param anew whether every user must be reported
 * @param closed whether the ledger knows that the share was given up
 * @param answeredReportMonotonicNanos monotonic clock of the report that this answers
 * @param leaseNanos length of the lease from there
 */
public record QuotaShare(String tenantId, String userId, String nodeId, long nodeEpoch, long processNonce,
        long shareSeq, long bitsPerSecond, int slots, boolean full, boolean anew, boolean closed,
        long answeredReportMonotonicNanos, long leaseNanos) {
    long leaseEndNanos() {
        return answeredReportMonotonicNanos + leaseNanos;
    }
}
