package io.turnpike.node.allocation;

import io.turnpike.node.usage.DropReason;

/**
 * Hears what became of each piece of relayed data that was handed to a socket, so that only what was sent is counted and
 * what was refused is given back. Called exactly once for each, on the allocation's event loop. It is one object for
 * each direction of an allocation, and the figures travel as numbers, so that a packet allocates nothing for it.
 */
public interface Delivery {
    /**
     * The socket took the data.
     *
     * @param clientWireBytes size on the client's leg, TURN framing included
     * @param payloadBytes size of the application data
     */
    void delivered(int clientWireBytes, int payloadBytes);

    /** The data was thrown away; parameters as above. */
    void refused(int clientWireBytes, int payloadBytes, DropReason reason);
}
