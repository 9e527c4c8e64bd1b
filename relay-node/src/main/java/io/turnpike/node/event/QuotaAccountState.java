package io.turnpike.node.event;

/**
 * State of one quota account as the node reports it. All byte counts are cumulative over the account's period.
 *
 * @param nodeEpoch epoch of the process whose account it is
 * @param processNonce nonce of that process: this one's, or one's that is gone
 * @param periodId period of the grant that is spent; empty when the node asks for its first grant
 * @param userId user whose quota this is; empty for the tenant's
 * @param policyEpoch policy that the node follows
 * @param grantSeq sequence of the last grant that was accepted, 0 for none
 * @param capBytes allowance that the node will not exceed
 * @param drawnBytes bytes drawn (U), unspent slices included; never falls
 * @param spentBytes bytes forwarded
 * @param wantBytes bytes asked for beyond the unspent allowance
 * @param rateBytesPerSecond smoothed spending rate
 * @param finalReport the node will accept no further grant for this account
 * @param opening number of this opening of a user's account; 0 for the tenant's
 * @param wantTailBytes bytes of the tail reserve that live allocations can trickle soon
 * @param ungrantedBytes part of {@code drawnBytes} that was drawn beyond grants while control was lost
 */
public record QuotaAccountState(long nodeEpoch, long processNonce, String periodId, String userId, long policyEpoch,
        long grantSeq, long capBytes,
        long drawnBytes, long spentBytes, long wantBytes, long rateBytesPerSecond, boolean finalReport,
        long opening, long wantTailBytes, long ungrantedBytes) {
    /** State of a tenant's account. */
    public QuotaAccountState(long nodeEpoch, long processNonce, String periodId, String userId, long policyEpoch,
            long grantSeq, long capBytes, long drawnBytes, long spentBytes, long wantBytes, long rateBytesPerSecond,
            boolean finalReport, long wantTailBytes, long ungrantedBytes) {
        this(nodeEpoch, processNonce, periodId, userId, policyEpoch, grantSeq, capBytes, drawnBytes, spentBytes,
                wantBytes, rateBytesPerSecond, finalReport, 0, wantTailBytes, ungrantedBytes);
    }
}
