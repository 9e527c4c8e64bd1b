package io.turnpike.node.auth;

import io.turnpike.stun.IntegrityAlgorithm;
import io.turnpike.stun.IntegrityKey;
import io.turnpike.stun.Nonce;
import io.turnpike.stun.PasswordAlgorithms;
import io.turnpike.stun.ThirdPartyAuthorization;
import java.util.Optional;
import java.util.OptionalLong;

/** What the long-term credential check says about a request (RFC 8489 section 9.2.4). */
public sealed interface AuthResult {
    /**
     * The request is whom it says.
     *
     * @param tenant the user's tenant, active
     * @param userId user within the tenant
     * @param username USERNAME as it was sent, or as USERHASH stands for it, or {@link TokenSession#username}: requests on
     *            an allocation must repeat it (RFC 8656 section 5)
     * @param key key of the integrity attribute of the response
     * @param integrity the one integrity attribute of the response: as RFC 8489 section 9.2.4 ends
     * @param deadline seconds since 1970 beyond which no lifetime may reach: the token's end, or the signed name's where the
     *            tenant wants a hard cut
     * @param issuedAt when the credential was issued, as {@link Revocations#refuse} wants it
     * @param session what an access token has opened, if it was one
     */
    record Authenticated(Tenant tenant, String userId, String username, IntegrityKey key,
            IntegrityAlgorithm integrity, OptionalLong deadline, OptionalLong issuedAt,
            Optional<TokenSession> session)
            implements
                AuthResult {
        @Override
        public String toString() {
            return "Authenticated[" + tenant.id() + "]";
        }
    }

    /**
     * The request must be repeated with credentials: a response without integrity and USERNAME, with REALM, NONCE and
     * PASSWORD-ALGORITHMS (RFC 8489 section 9.2.5).
     *
     * @param failure why; its error code is 401 or 438
     * @param nonce fresh nonce for the source of the request
     * @param passwordAlgorithms the list that the nonce is bound to
     * @param thirdParty where the leg's tenant takes access tokens: the server name that they are made out for
     * @param tenantId the tenant that the user name named, if it exists: where AUTH_FAILED events are booked
     * @param userId the user that the user name named, if the tenant exists
     */
    record Challenge(AuthFailure failure, Nonce nonce, PasswordAlgorithms passwordAlgorithms,
            Optional<ThirdPartyAuthorization> thirdParty, Optional<String> tenantId,
            Optional<String> userId) implements AuthResult {
        @Override
        public String toString() {
            return "Challenge[" + failure + "]";
        }
    }

    /** The request cannot be checked: 400 without integrity, REALM and NONCE. */
    record BadRequest(AuthFailure failure) implements AuthResult {}
}
