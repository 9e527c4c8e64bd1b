package io.turnpike.node.auth;

import io.turnpike.stun.MacKey;

/**
 * What an access token has opened: only Allocate and Refresh carry the token, and whatever comes between them is signed
 * with its key (RFC 7635 section 9).
 *
 * @param tenantId whose key opened the token
 * @param userId the user that the token names, or {@link #NAMELESS}
 * @param username what stands for USERNAME where requests must repeat it, see {@link #username}
 * @param key the token's mac_key
 * @param deadline seconds since 1970 after which the token is refused
 * @param issuedAt seconds since 1970 in which the token was made, by its authorization server's clock
 */
public record TokenSession(String tenantId, String userId, String username, MacKey key, long deadline, long issuedAt) {
    /** The user of every token that names none: a kid names a key, and changes under an allocation that lives on. */
    static final String NAMELESS = "access-token";

    /**
     * What all tokens of one user have in common. USERNAME is not it: that is the kid, which changes with each rotation,
     * and the allocation must outlive that (RFC 7635 section 9). No user name contains the first character.
     */
    static String username(String user) {
        return "\0token:" + user;
    }

    @Override
    public String toString() {
        return "TokenSession[" + tenantId + "]";
    }
}
