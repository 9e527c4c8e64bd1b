package io.turnpike.node.transport;

import io.netty.buffer.ByteBuf;
import io.turnpike.node.allocation.Allocation;
import io.turnpike.node.allocation.AllocationTable;
import io.turnpike.node.allocation.ClientLeg;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.relay.ClientToPeer;
import io.turnpike.node.turn.TurnServer;
import io.turnpike.node.usage.DropCounts;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.Malformed;
import io.turnpike.stun.PacketKind;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMethod;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Gives each message of a client to the step that handles it, by its first byte (RFC 7983 section 7): data to the relay
 * step, requests to the TURN server. One for each event loop, confined to it.
 */
public final class ClientMessages {
    private final StunFrame frame = new StunFrame();
    private final AllocationTable allocations;
    private final TurnServer turn;
    private final ClientToPeer relay;
    private final DropCounts drops;

    /**
     * Serves one loop.
     *
     * @param allocations this loop's allocations
     * @param turn answers requests
     * @param relay relays data
     * @param drops counts what belongs to no allocation
     */
    public ClientMessages(AllocationTable allocations, TurnServer turn, ClientToPeer relay, DropCounts drops) {
        this.allocations = allocations;
        this.turn = turn;
        this.relay = relay;
        this.drops = drops;
    }

    /** Takes a datagram of a UDP client; the caller releases it. Nothing is kept for a client without an allocation. */
    void datagram(ByteBuf message, InetSocketAddress client, InetSocketAddress server, Outlet outlet,
            Optional<String> tenant) {
        Allocation allocation = allocations.clients(ClientTransport.UDP, server).get(client);
        if (allocation != null) {
            receive(message, allocation.client(), allocation);
        } else if (PacketKind.fromClient(message) == PacketKind.CHANNEL_DATA) {
            drops.count(DropReason.NO_ALLOCATION);
        } else {
            receive(message,
                    new UdpClientLeg(new FiveTuple(ClientTransport.UDP, client, server), outlet, drops, tenant), null);
        }
    }

    /** Takes a whole message of a stream; the caller releases it. */
    void message(ByteBuf message, ClientLeg leg) {
        receive(message, leg, allocations.find(leg.fiveTuple()));
    }

    /** A stream has ended. */
    void disconnected(ClientLeg leg) {
        turn.disconnected(leg.fiveTuple());
    }

    /** Whether the stream carries an allocation. */
    boolean hasAllocation(ClientLeg leg) {
        return allocations.find(leg.fiveTuple()) != null;
    }

    DropCounts drops() {
        return drops;
    }

    void drop(DropReason reason) {
        drops.count(reason);
    }

    private void receive(ByteBuf message, ClientLeg leg, Allocation allocation) {
        switch (PacketKind.fromClient(message)) {
            case STUN -> stun(message, leg, allocation);
            case CHANNEL_DATA -> {
                if (allocation == null) {
                    drops.count(DropReason.NO_ALLOCATION);
                } else {
                    relay.channelData(allocation, message);
                }
            }
            case ZRTP, DTLS, RTP, UNKNOWN -> drops.count(DropReason.UNKNOWN_PROTOCOL);
        }
    }

    private void stun(ByteBuf message, ClientLeg leg, Allocation allocation) {
        Malformed malformed = frame.wrap(message);
        if (malformed != Malformed.NONE) {
            drops.count(reasonOf(malformed));
        } else if (frame.fingerprintContradicts()) {
            drops.count(DropReason.BAD_FINGERPRINT);
        } else if (frame.method() != StunMethod.SEND) {
            turn.receive(frame, leg, allocation);
        } else if (allocation == null) {
            drops.count(DropReason.NO_ALLOCATION);
        } else {
            relay.sendIndication(allocation, frame, message);
        }
    }

    private static DropReason reasonOf(Malformed malformed) {
        return switch (malformed) {
            case UNKNOWN_METHOD, CLASS_NOT_ALLOWED -> DropReason.UNEXPECTED_METHOD;
            case NONE, TOO_SHORT, WRONG_KIND, NO_MAGIC_COOKIE, LENGTH_NOT_ALIGNED, LENGTH_MISMATCH, ATTRIBUTE_OVERRUN,
                    INTEGRITY_LENGTH, FINGERPRINT_NOT_LAST ->
                DropReason.MALFORMED_STUN;
        };
    }
}
