package io.turnpike.node.allocation;

import io.netty.buffer.ByteBuf;
import io.turnpike.stun.AddressCursor;

/** Takes what peers send to relayed transport addresses; the way from an allocation's sockets to the relay step. */
@FunctionalInterface
public interface PeerData {
    /**
     * Relays or drops a datagram.
     *
     * @param allocation whose relayed transport address it reached
     * @param payload the datagram; released by the caller
     * @param peer source address; another's after the call
     */
    void fromPeer(Allocation allocation, ByteBuf payload, AddressCursor peer);
}
