package io.turnpike.node.relay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.turnpike.node.allocation.Allocation;
import io.turnpike.node.allocation.PeerAttempts;
import io.turnpike.node.allocation.PeerPolicy;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.ConnectionId;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;
import java.net.InetSocketAddress;
import java.util.random.RandomGenerator;

/**
 * Lets in the peers that connect to relayed TCP addresses, and announces them in ConnectionAttempt indications (RFC 6062
 * section 5.3). Confined to its event loop.
 */
public final class ConnectionAttempts implements PeerAttempts {
    private static final int INDICATION_BYTES = 64;

    private final StunMessageBuilder builder = new StunMessageBuilder();
    private final PeerPolicy peerPolicy;
    private final ByteBufAllocator buffers;
    private final RandomGenerator random;

    /**
     * Announces for one loop.
     *
     * @param peerPolicy which peers may be heard
     * @param buffers makes the messages to clients
     * @param random source of transaction ids
     */
    public ConnectionAttempts(PeerPolicy peerPolicy, ByteBufAllocator buffers, RandomGenerator random) {
        this.peerPolicy = peerPolicy;
        this.buffers = buffers;
        this.random = random;
    }

    @Override
    public boolean admits(Allocation allocation, InetSocketAddress peer) {
        if (!allocation.permits(peer.getAddress())) {
            allocation.drop(DropReason.PEER_WITHOUT_PERMISSION);
            return false;
        }
        if (!peerPolicy.checkConnection(peer, allocation.owner().peerRules()).allowed()) {
            allocation.drop(DropReason.PEER_DENIED);
            return false;
        }
        return true;
    }

    @Override
    public void announce(Allocation allocation, InetSocketAddress peer, int connectionId) {
        ByteBuf message = buffers.buffer(INDICATION_BYTES);
        builder.begin(message, StunMethod.CONNECTION_ATTEMPT, StunClass.INDICATION, TransactionId.random(random))
                .add(new ConnectionId(connectionId)).addPeer(peer);
        allocation.client().sendControl(message);
    }
}
