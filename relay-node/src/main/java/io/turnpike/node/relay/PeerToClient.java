package io.turnpike.node.relay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.turnpike.node.allocation.Allocation;
import io.turnpike.node.allocation.Channel;
import io.turnpike.node.allocation.PeerData;
import io.turnpike.node.allocation.PeerPolicy;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.AddressCursor;
import io.turnpike.stun.ChannelData;
import io.turnpike.stun.StreamFramer;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import java.util.random.RandomGenerator;

/**
 * Relays what peers send, as ChannelData where the peer has a channel and as a Data indication otherwise (RFC 8656
 * sections 11.3 and 12.7). Confined to its event loop.
 */
public final class PeerToClient implements PeerData {
    private static final int ATTRIBUTE_HEADER_BYTES = 4;
    private static final int ADDRESS_VALUE_HEADER_BYTES = 4;
    /** Largest UDP payload over IPv4: what a datagram to the client can carry on either family. */
    private static final int MAX_DATAGRAM_BYTES = 65_507;
    /** A Data indication of an IPv6 peer up to its data. */
    private static final int MAX_HEAD_BYTES = 48;

    private final StunMessageBuilder builder = new StunMessageBuilder();
    private final PeerPolicy peerPolicy;
    private final ByteBuf head = Unpooled.buffer(MAX_HEAD_BYTES, MAX_HEAD_BYTES);
    private final RandomGenerator random;

    /**
     * Relays for one loop.
     *
     * @param peerPolicy which peers may be heard
     * @param random source of transaction ids
     */
    public PeerToClient(PeerPolicy peerPolicy, RandomGenerator random) {
        this.peerPolicy = peerPolicy;
        this.random = random;
    }

    @Override
    public void fromPeer(Allocation allocation, ByteBuf payload, AddressCursor peer) {
        // Also with a bound channel: the channel outlives the permission (RFC 8656 section 11.3).
        if (!allocation.permits(peer)) {
            allocation.drop(DropReason.PEER_WITHOUT_PERMISSION);
            return;
        }
        if (!peerPolicy.check(peer, allocation.owner().peerRules()).allowed()) {
            allocation.drop(DropReason.PEER_DENIED);
            return;
        }
        Channel channel = allocation.channel(peer);
        boolean stream = allocation.client().isStream();
        int payloadBytes = payload.readableBytes();
        int wireBytes = channel != null
                ? ChannelData.wireBytes(payloadBytes, stream)
                : dataIndicationBytes(peer, payloadBytes);
        if (wireBytes > (stream ? StreamFramer.MAX_FRAME_BYTES : MAX_DATAGRAM_BYTES)) {
            allocation.drop(DropReason.OVERSIZED);
            return;
        }
        if (!allocation.debitToClient(wireBytes)) {
            allocation.drop(allocation.refusal());
            return;
        }
        head.clear();
        if (channel != null) {
            ChannelData.writeHeader(head, channel.number(), payloadBytes);
        } else {
            builder.begin(head, StunMethod.DATA, StunClass.INDICATION, random.nextInt(), random.nextLong())
                    .addPeer(peer).beginData(payloadBytes);
        }
        allocation.sendToClient(head, payload, wireBytes - head.readableBytes() - payloadBytes);
    }

    private static int dataIndicationBytes(AddressCursor peer, int payloadBytes) {
        int address = ADDRESS_VALUE_HEADER_BYTES + peer.family().addressBytes();
        return StunFrame.HEADER_BYTES + ATTRIBUTE_HEADER_BYTES + address + ATTRIBUTE_HEADER_BYTES
                + (payloadBytes + 3 & ~3);
    }
}
