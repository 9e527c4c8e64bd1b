package io.turnpike.node.allocation;

import io.turnpike.node.event.PeerClass;

/** What the peer policy says about an address: the few values that exist, so that asking allocates nothing. */
public enum Verdict {
    /** A public address. */
    ALLOWED_PUBLIC(true, PeerClass.PUBLIC),
    /** A private address that the operator or the tenant allows, or a live relayed transport address. */
    ALLOWED_PRIVATE(true, PeerClass.PRIVATE),
    /** A loopback address that the operator or the tenant allows, or a live relayed transport address. */
    ALLOWED_LOOPBACK(true, PeerClass.LOOPBACK),
    /** Another special-purpose address that the operator allows. */
    ALLOWED_SPECIAL(true, PeerClass.DENIED_RANGE),
    /** A private address that nobody allows. */
    DENIED_PRIVATE(false, PeerClass.PRIVATE),
    /** A loopback address that nobody allows. */
    DENIED_LOOPBACK(false, PeerClass.LOOPBACK),
    /** A private address that the operator denies, whatever a tenant says. */
    FORBIDDEN_PRIVATE(false, PeerClass.PRIVATE),
    /** A loopback address that the operator denies, whatever a tenant says. */
    FORBIDDEN_LOOPBACK(false, PeerClass.LOOPBACK),
    /** Any other special-purpose address, a public one that was denied, or one of the cluster's own services. */
    DENIED_SPECIAL(false, PeerClass.DENIED_RANGE);

    private final boolean allowed;
    private final PeerClass peerClass;

    Verdict(boolean allowed, PeerClass peerClass) {
        this.allowed = allowed;
        this.peerClass = peerClass;
    }

    /** Whether the client may exchange data with the address; if not, a request gets 403 (RFC 8656 section 10.2). */
    public boolean allowed() {
        return allowed;
    }

    /** Kind of the address. */
    public PeerClass peerClass() {
        return peerClass;
    }

    /** Whether a tenant may open the address to its own clients. */
    boolean isTenantsChoice() {
        return this == DENIED_PRIVATE || this == DENIED_LOOPBACK;
    }

    /** The same address, denied to a tenant's clients by the tenant. */
    Verdict deniedByTenant() {
        return denied(peerClass);
    }

    static Verdict allowed(PeerClass peerClass) {
        return switch (peerClass) {
            case PUBLIC -> ALLOWED_PUBLIC;
            case PRIVATE -> ALLOWED_PRIVATE;
            case LOOPBACK -> ALLOWED_LOOPBACK;
            case DENIED_RANGE -> ALLOWED_SPECIAL;
        };
    }

    static Verdict denied(PeerClass peerClass) {
        return switch (peerClass) {
            case PUBLIC, DENIED_RANGE -> DENIED_SPECIAL;
            case PRIVATE -> DENIED_PRIVATE;
            case LOOPBACK -> DENIED_LOOPBACK;
        };
    }

    static Verdict forbidden(PeerClass peerClass) {
        return switch (peerClass) {
            case PUBLIC, DENIED_RANGE -> DENIED_SPECIAL;
            case PRIVATE -> FORBIDDEN_PRIVATE;
            case LOOPBACK -> FORBIDDEN_LOOPBACK;
        };
    }
}
