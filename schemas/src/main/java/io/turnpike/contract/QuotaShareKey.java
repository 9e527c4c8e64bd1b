package io.turnpike.contract;

import io.turnpike.control.v1.QuotaShare;

/**
 * Names one leased share: the process that may use it, and for whom. It is the key of {@link Topic#QUOTA_SHARE} and of the
 * ledger's share store.
 *
 * @param tenantId tenant
 * @param nodeId node
 * @param nodeEpoch start of the node
 * @param processNonce process of that start
 * @param userId user for slots of a user, empty for the tenant's share
 */
public record QuotaShareKey(String tenantId, String nodeId, long nodeEpoch, long processNonce, String userId) {
    /** The share that a record is of. */
    public static QuotaShareKey of(QuotaShare share) {
        return new QuotaShareKey(share.getTenantId(), share.getNodeId(), share.getNodeEpoch(), share.getProcessNonce(),
                share.getUserId());
    }

    /** The text form: the tenant first, so that a range over a tenant is one range of bytes; the user last, since it is opaque. */
    public String text() {
        return tenantId + '|' + nodeId + '|' + nodeEpoch + '|' + Long.toHexString(processNonce) + '|' + userId;
    }

    /**
     * Reads the text form.
     *
     * @throws IllegalArgumentException if the text is not a share key
     */
    public static QuotaShareKey parse(String text) {
        String[] parts = text.split("\\|", 5);
        if (parts.length != 5) {
            throw new IllegalArgumentException("not a quota share key: " + text);
        }
        return new QuotaShareKey(parts[0], parts[1], Long.parseLong(parts[2]), Long.parseUnsignedLong(parts[3], 16),
                parts[4]);
    }

    /** The share of the same process for a user; with an empty user, the tenant's. */
    public QuotaShareKey of(String user) {
        return new QuotaShareKey(tenantId, nodeId, nodeEpoch, processNonce, user);
    }
}
