package io.turnpike.node.event;

/** Protocol between the relayed transport address and peers. */
public enum RelayTransport {
    /** Datagrams (RFC 8656). */
    UDP,
    /** Connections (RFC 6062). */
    TCP
}
