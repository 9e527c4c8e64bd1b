package io.turnpike.node.event;

/** Address family of an allocation's relayed transport addresses; both for RFC 8656's dual allocation. */
public enum RelayFamily {
    IPV4, IPV6, DUAL
}
