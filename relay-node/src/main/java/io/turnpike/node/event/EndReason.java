package io.turnpike.node.event;

/** Why an allocation ended. */
public enum EndReason {
    /** The client refreshed with lifetime 0 (RFC 8656 section 8). */
    CLIENT_RELEASED,
    /** The lifetime ran out. */
    EXPIRED,
    /** The client's connection closed. */
    TRANSPORT_CLOSED,
    /** The tenant's quota is spent. */
    QUOTA,
    /** The node drains. */
    DRAIN,
    /** An operator or a revocation ended it. */
    ADMIN,
    /** The node stops. */
    SHUTDOWN,
    /** The credential that the allocation was made or refreshed with reached its end. */
    CREDENTIAL_EXPIRED
}
