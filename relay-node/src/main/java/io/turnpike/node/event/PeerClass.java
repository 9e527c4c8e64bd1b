package io.turnpike.node.event;

/** Kind of a peer's address; the address itself is not reported. */
public enum PeerClass {
    PUBLIC, PRIVATE, LOOPBACK, DENIED_RANGE
}
