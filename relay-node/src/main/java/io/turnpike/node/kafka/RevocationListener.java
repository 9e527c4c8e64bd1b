package io.turnpike.node.kafka;

import java.time.Instant;

/** Hears that credentials of a user were revoked. Called on the control thread; must not block. */
@FunctionalInterface
public interface RevocationListener {
    /** Credentials issued to the user before the instant are refused, and the user's allocations end. */
    void revoked(String tenantId, String userId, Instant revokedAt);
}
