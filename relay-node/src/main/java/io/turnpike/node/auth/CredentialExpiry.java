package io.turnpike.node.auth;

import io.turnpike.stun.Lifetime;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMethod;

/** What the end of a TURN REST credential stops; the tenant chooses. */
public enum CredentialExpiry {
    /** New allocations only: a call outlasts the credential that began it. */
    ALLOCATE,
    /** New allocations and their refreshes: a call ends within one lifetime. */
    REFRESH,
    /** Everything: no lifetime reaches beyond the credential, and an allocation ends with it. */
    HARD_CUT;

    /** Whether a request under an expired name is refused. What deletes an allocation is served under the softer rules. */
    boolean stops(StunFrame request) {
        return switch (this) {
            case ALLOCATE -> request.method() == StunMethod.ALLOCATE;
            case REFRESH -> request.method() == StunMethod.ALLOCATE
                    || request.method() == StunMethod.REFRESH && !deletes(request);
            case HARD_CUT -> true;
        };
    }

    private static boolean deletes(StunFrame refresh) {
        return refresh.get(Lifetime.class).filter(lifetime -> lifetime.seconds() == 0).isPresent();
    }
}
