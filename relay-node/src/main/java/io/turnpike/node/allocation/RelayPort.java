package io.turnpike.node.allocation;

import java.net.InetSocketAddress;

/** A bound relayed transport address: a {@link RelaySocket} of UDP or a {@link RelayListener} of TCP. */
public interface RelayPort {
    /** The address that clients and peers use; it differs from the bound one behind a one-to-one NAT. */
    InetSocketAddress relayedAddress();

    /** Closes the socket; whatever still waits in its queue is refused before this returns. */
    void close();
}
