package io.turnpike.node.allocation;

import java.net.InetSocketAddress;

/** What becomes of a peer that connects to a relayed TCP address; the way from an allocation to the relay step. */
public interface PeerAttempts {
    /** Whether the client lets the peer in; if not, the connection is closed at once (RFC 6062 section 5.3). */
    boolean admits(Allocation allocation, InetSocketAddress peer);

    /** Tells the client over its control connection. */
    void announce(Allocation allocation, InetSocketAddress peer, int connectionId);
}
