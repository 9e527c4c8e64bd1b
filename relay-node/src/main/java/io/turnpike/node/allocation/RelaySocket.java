package io.turnpike.node.allocation;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;

/**
 * A relayed transport address with the socket behind it: the peers' side of an allocation. Confined to the allocation's
 * event loop.
 */
public interface RelaySocket extends RelayPort {
    /** Whether a datagram would leave now instead of waiting in the socket's queue. */
    boolean isWritable();

    /**
     * Sends a datagram to a peer; takes over the buffer.
     *
     * @param payload the datagram
     * @param peer a live permission's address, of this socket's family
     * @param clientWireBytes what the data measured on the client's leg
     * @param delivery hears the outcome
     */
    void send(ByteBuf payload, InetSocketAddress peer, int clientWireBytes, Delivery delivery);

    /**
     * Sets or clears the DF bit of the datagrams sent from now on (RFC 8656 sections 11.2 and 18.9); asked before every
     * send, so it costs nothing while nothing changes.
     *
     * @return false if the bit cannot be changed now: the datagram must not be sent
     */
    boolean dontFragment(boolean wanted);

    /** Receives what peers send. */
    interface Receiver {
        /**
         * Takes a datagram from anyone.
         *
         * @param payload the datagram; released by the caller
         * @param peer source address
         */
        void datagram(ByteBuf payload, InetSocketAddress peer);

        /** The socket's queue has drained after it was not writable. */
        void writableAgain();
    }
}
