package io.turnpike.node.allocation;

import io.netty.buffer.ByteBuf;
import io.turnpike.stun.AddressCursor;
import io.turnpike.stun.Endpoint;

/**
 * A relayed transport address with the socket behind it: the peers' side of an allocation. Confined to the allocation's
 * event loop.
 */
public interface RelaySocket extends RelayPort {
    /** Whether it may be given more: its queue holds less than its bound. */
    boolean isWritable();

    /**
     * Sends a datagram to a peer.
     *
     * @param message holds the datagram; the caller's, so what is kept of it beyond the call is retained or copied
     * @param index of the datagram's first byte
     * @param bytes of the datagram, 0 or more
     * @param peer a live permission's address, of this socket's family
     * @param clientWireBytes what the data measured on the client's leg
     * @param delivery hears the outcome
     */
    void send(ByteBuf message, int index, int bytes, Endpoint peer, int clientWireBytes, Delivery delivery);

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
         * @param peer source address; another's after the call
         */
        void datagram(ByteBuf payload, AddressCursor peer);

        /** The socket's queue has drained after it was not writable. */
        void writableAgain();
    }
}
