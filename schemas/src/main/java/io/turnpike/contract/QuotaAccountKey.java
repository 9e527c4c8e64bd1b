package io.turnpike.contract;

import io.turnpike.control.v1.QuotaGrant;
import java.nio.charset.StandardCharsets;

/**
 * Names one quota account: who may spend, in which period, and which process of which node spends. It is the key of
 * {@link Topic#QUOTA_GRANT} and of the ledger's account store.
 *
 * @param tenantId tenant
 * @param periodId period, {@link QuotaPeriod#id()}
 * @param nodeId node
 * @param nodeEpoch start of the node
 * @param processNonce process of that start; two processes with one node id have two accounts (QUOTA.md rule 6)
 * @param userId user for a user's quota, empty for the tenant's
 */
public record QuotaAccountKey(String tenantId, String periodId, String nodeId, long nodeEpoch, long processNonce,
        String userId) {
    /** The account that a grant is for. */
    public static QuotaAccountKey of(QuotaGrant grant) {
        return new QuotaAccountKey(grant.getTenantId(), grant.getPeriodId(), grant.getNodeId(), grant.getNodeEpoch(),
                grant.getProcessNonce(), grant.getUserId());
    }

    /** The account of the same process in another period. */
    public QuotaAccountKey in(String otherPeriodId) {
        return new QuotaAccountKey(tenantId, otherPeriodId, nodeId, nodeEpoch, processNonce, userId);
    }

    /** The text form: the tenant first, so that a range over a tenant is one range of bytes; the user last, since it is opaque. */
    public String text() {
        return tenantId + '|' + periodId + '|' + nodeId + '|' + nodeEpoch + '|' + Long.toHexString(processNonce) + '|'
                + userId;
    }

    /** The text form in UTF-8. */
    public byte[] bytes() {
        return text().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads the text form.
     *
     * @throws IllegalArgumentException if the text is not an account key
     */
    public static QuotaAccountKey parse(String text) {
        String[] parts = text.split("\\|", 6);
        if (parts.length != 6) {
            throw new IllegalArgumentException("not a quota account key: " + text);
        }
        return new QuotaAccountKey(parts[0], parts[1], parts[2], Long.parseLong(parts[3]),
                Long.parseUnsignedLong(parts[4], 16), parts[5]);
    }
}
