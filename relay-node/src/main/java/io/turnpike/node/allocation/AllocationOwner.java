package io.turnpike.node.allocation;

import io.turnpike.node.config.PeerRules;
import io.turnpike.node.event.BillableRule;
import io.turnpike.stun.MacKey;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.IntPredicate;

/**
 * Who an allocation belongs to, and what its tenant allows.
 *
 * @param tenantId tenant
 * @param userId user within the tenant
 * @param username the USERNAME that made the allocation; every later request must carry the same (RFC 8656 section 5). For
 *            an access token it is what the user's tokens have in common, which no USERNAME can be
 * @param channelNumbers which channel numbers the tenant's clients may bind
 * @param billing which of its bytes are billed
 * @param peerRules what the tenant adds to the peer policy
 * @param credentialDeadline seconds since 1970 beyond which no lifetime may reach, and at which the allocation ends
 * @param tokenKey mac_key of the access token, for the requests between its refreshes (RFC 7635 section 9)
 * @param issuedAt seconds since 1970 in which the credential was issued; empty where nobody says
 */
public record AllocationOwner(String tenantId, String userId, String username, IntPredicate channelNumbers,
        BillableRule billing, PeerRules peerRules, OptionalLong credentialDeadline,
        Optional<MacKey> tokenKey, OptionalLong issuedAt) {
    /** Refuses missing parts. */
    public AllocationOwner {
        Objects.requireNonNull(tenantId, "tenantId");
        Objects.requireNonNull(userId, "userId");
        Objects.requireNonNull(username, "username");
        Objects.requireNonNull(billing, "billing");
        Objects.requireNonNull(peerRules, "peerRules");
    }

    /** Whether a request with this user name is the owner's (RFC 8656 section 5). */
    public boolean isSame(String otherTenantId, String otherUsername) {
        return username.equals(otherUsername) && tenantId.equals(otherTenantId);
    }

    /** Tenant and user as one key; a tenant id contains no slash. */
    public String account() {
        return tenantId + "/" + userId;
    }
}
