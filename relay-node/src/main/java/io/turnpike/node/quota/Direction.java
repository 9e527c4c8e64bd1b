package io.turnpike.node.quota;

/** Which way data passes through an allocation: a rate is split between the two. */
public enum Direction {
    /** From the allocation's client to one of its peers. */
    CLIENT_TO_PEER,
    /** From a peer to the allocation's client. */
    PEER_TO_CLIENT
}
