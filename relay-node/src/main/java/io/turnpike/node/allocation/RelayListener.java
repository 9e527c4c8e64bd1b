package io.turnpike.node.allocation;

import java.net.InetSocketAddress;

/**
 * A relayed transport address of TCP: peers connect to it, and connections to peers begin at it (RFC 6062 section 5).
 * Confined to the allocation's event loop.
 */
public interface RelayListener extends RelayPort {
    /**
     * Begins to connect to a peer, from the relayed transport address (RFC 6062 section 5.2).
     *
     * @param peer of this address's family
     * @param receiver hears {@code opened} or, if the peer cannot be reached, {@code closed}; perhaps before this returns
     * @return the connection, whose abort ends the attempt; null if there was none to be had
     */
    ByteStream connect(InetSocketAddress peer, ByteStream.Receiver receiver);

    /** Hears of peers that connect. */
    @FunctionalInterface
    interface Receiver {
        /**
         * A peer's connection was accepted; who reads it hears when it is open.
         *
         * @param peer the peer's transport address
         * @return who reads the connection, or null to close it at once
         */
        ByteStream.Receiver connected(InetSocketAddress peer);
    }
}
