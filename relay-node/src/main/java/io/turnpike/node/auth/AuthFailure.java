package io.turnpike.node.auth;

import java.util.Locale;

/**
 * Why a request is not served; the label is public (metrics). The client learns only the error code, so that an answer
 * tells an attacker nothing about which names exist.
 */
public enum AuthFailure {
    /** No integrity attribute: the first request of every client, not a failure of anyone (401). */
    NO_CREDENTIALS(401),
    /** The integrity attribute came without USERNAME, REALM or NONCE (400). */
    INCOMPLETE(400),
    /** PASSWORD-ALGORITHM or PASSWORD-ALGORITHMS does not go with the nonce (400). */
    ALGORITHM_MISMATCH(400),
    /** The user name has no form that is known, or names another realm (401). */
    MALFORMED_USERNAME(401),
    /** No such tenant (401). */
    UNKNOWN_TENANT(401),
    /** The tenant is suspended (401). */
    SUSPENDED_TENANT(401),
    /** No static user of this name, and no secret that could sign it (401). */
    UNKNOWN_USER(401),
    /** No access token key of this kid (401). */
    UNKNOWN_TOKEN_KEY(401),
    /** The access token does not open: another key, another server name, or no token (401). */
    TOKEN_REFUSED(401),
    /** The signed user name or the access token has expired (401). */
    EXPIRED(401),
    /** The credential is right and revoked: it was issued before its user's revocation, or may have been (401). */
    REVOKED(401),
    /** The integrity attribute is wrong: a wrong password (401). */
    WRONG_PASSWORD(401),
    /** All is right but the nonce, which is old or another client's (438). */
    STALE_NONCE(438);

    private final int errorCode;
    private final String label = name().toLowerCase(Locale.ROOT);

    AuthFailure(int errorCode) {
        this.errorCode = errorCode;
    }

    /** STUN error code of the answer. */
    public int errorCode() {
        return errorCode;
    }

    /** Metric label, for instance {@code wrong_password}. */
    public String label() {
        return label;
    }

    /** Whether this is an answer that every well-behaved client gets now and then. */
    public boolean isRoutine() {
        return this == NO_CREDENTIALS || this == STALE_NONCE;
    }
}
