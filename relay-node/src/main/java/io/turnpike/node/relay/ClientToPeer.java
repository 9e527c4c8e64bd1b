package io.turnpike.node.relay;

import io.netty.buffer.ByteBuf;
import io.turnpike.node.allocation.Allocation;
import io.turnpike.node.allocation.Channel;
import io.turnpike.node.allocation.PeerPolicy;
import io.turnpike.node.allocation.RelaySocket;
import io.turnpike.node.allocation.RelayedTransport;
import io.turnpike.node.event.RelayTransport;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.AddressCursor;
import io.turnpike.stun.AttributeType;
import io.turnpike.stun.ChannelData;
import io.turnpike.stun.Endpoint;
import io.turnpike.stun.Malformed;
import io.turnpike.stun.StunFrame;
import java.util.EnumSet;
import java.util.Set;

/**
 * Relays what clients send: Send indications and ChannelData (RFC 8656 sections 11.2 and 12.6). Whatever does not pass
 * is dropped in silence and counted. Confined to its event loop.
 */
public final class ClientToPeer {
    private final ChannelData channelData = new ChannelData();
    private final AddressCursor peer = new AddressCursor();
    private final PeerPolicy peerPolicy;
    private final Set<AttributeType> understood = EnumSet.of(AttributeType.XOR_PEER_ADDRESS, AttributeType.DATA);

    /**
     * Relays for one loop.
     *
     * @param peerPolicy which peers may be reached
     * @param canSetDontFragment whether datagrams to peers can have the DF bit
     */
    public ClientToPeer(PeerPolicy peerPolicy, boolean canSetDontFragment) {
        this.peerPolicy = peerPolicy;
        if (canSetDontFragment) {
            understood.add(AttributeType.DONT_FRAGMENT);
        }
    }

    /**
     * Relays a ChannelData message.
     *
     * @param allocation of the five-tuple it came on
     * @param message the whole message with its padding; released by the caller
     */
    public void channelData(Allocation allocation, ByteBuf message) {
        if (channelData.wrap(message) != Malformed.NONE) {
            allocation.drop(DropReason.MALFORMED_CHANNEL_DATA);
            return;
        }
        Channel channel = allocation.channel(channelData.channelNumber());
        if (channel == null) {
            allocation.drop(DropReason.CHANNEL_UNBOUND);
            return;
        }
        relay(allocation, channel.address(), message, channelData.dataIndex(), channelData.dataBytes(),
                channelData.wireBytes(), false);
    }

    /**
     * Relays a Send indication.
     *
     * @param allocation of the five-tuple it came on
     * @param frame the indication, whose structure was checked
     * @param message the buffer that {@code frame} reads; released by the caller
     */
    public void sendIndication(Allocation allocation, StunFrame frame, ByteBuf message) {
        // RFC 8489 section 6.3.2; DONT-FRAGMENT is among the unknown ones where the socket cannot set the bit.
        if (!frame.unknownRequired(understood).isEmpty()) {
            allocation.drop(DropReason.UNKNOWN_ATTRIBUTE);
            return;
        }
        if (frame.dataIndex() < 0 || !peer.setPeer(frame)) {
            allocation.drop(DropReason.INCOMPLETE_INDICATION);
            return;
        }
        if (!allocation.permits(peer)) {
            allocation.drop(DropReason.CLIENT_WITHOUT_PERMISSION);
            return;
        }
        relay(allocation, peer, message, frame.dataIndex(), frame.dataBytes(),
                frame.messageBytes(),
                frame.has(AttributeType.DONT_FRAGMENT));
    }

    private void relay(Allocation allocation, Endpoint peer, ByteBuf message, int dataIndex, int dataBytes,
            int wireBytes, boolean dontFragment) {
        // RFC 6062 section 4.5: the data of a TCP allocation has connections of its own.
        if (allocation.relayTransport() != RelayTransport.UDP) {
            allocation.drop(DropReason.NO_DATAGRAM_RELAY);
            return;
        }
        RelayedTransport transport = allocation.transport(peer.family());
        if (transport == null) {
            allocation.drop(DropReason.PEER_FAMILY_MISMATCH);
            return;
        }
        // Asked again for the port: a permission was given for the address alone (RFC 8656 section 21.4).
        if (!peerPolicy.check(peer, allocation.owner().peerRules()).allowed()) {
            allocation.drop(DropReason.PEER_DENIED);
            return;
        }
        RelaySocket socket = transport.socket();
        if (!socket.isWritable()) {
            if (!allocation.client().isStream()) {
                allocation.drop(DropReason.PEER_QUEUE_FULL);
                return;
            }
            // A stream waits instead; what was read already is still sent.
            allocation.client().pauseReading();
        }
        if (!socket.dontFragment(dontFragment)) {
            allocation.drop(DropReason.PEER_QUEUE_FULL);
            return;
        }
        if (!allocation.debitToPeer(wireBytes, dataBytes)) {
            boolean ahead = allocation.debitToPeerAhead(wireBytes, dataBytes);
            allocation.slowDown();
            if (!ahead) {
                allocation.drop(allocation.refusal());
                return;
            }
        }
        allocation.sendToPeer(socket, message, dataIndex, dataBytes, peer, wireBytes);
    }
}
