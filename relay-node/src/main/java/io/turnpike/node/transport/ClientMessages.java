package io.turnpike.node.transport;

import io.netty.buffer.ByteBuf;
import io.turnpike.node.allocation.Allocation;
import io.turnpike.node.allocation.AllocationTable;
import io.turnpike.node.allocation.ClientLeg;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.allocation.Guest;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.relay.ClientToPeer;
import io.turnpike.node.turn.TurnServer;
import io.turnpike.node.usage.DropCounts;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.AddressCursor;
import io.turnpike.stun.AddressMap;
import io.turnpike.stun.Malformed;
import io.turnpike.stun.PacketKind;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMethod;
import java.net.InetSocketAddress;
import java.util.List;
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
    private List<ClientMessages> byLoop = List.of();

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

    /** Where UDP clients come in on one loop. Confined to the loop. */
    static final class Place {
        private final UdpSocket socket;
        private final InetSocketAddress server;
        private final Optional<DiscoverySockets.Place> discovery;
        private final Optional<String> tenant;
        private AddressMap<Allocation> clients;

        /**
         * @param socket the listener's, for this loop
         * @param discovery its place among the sockets of NAT behaviour discovery, if it is one of them
         * @param tenant of user names that name none
         */
        Place(UdpSocket socket, Optional<DiscoverySockets.Place> discovery, Optional<String> tenant) {
            this.socket = socket;
            this.server = socket.localAddress();
            this.discovery = discovery;
            this.tenant = tenant;
        }

        RelayLoop loop() {
            return socket.loop();
        }
    }

    /** Takes a datagram of a UDP client; the caller releases it. Nothing is kept for a client without an allocation. */
    void datagram(ByteBuf message, AddressCursor client, Place place) {
        if (place.clients == null) {
            place.clients = allocations.clients(ClientTransport.UDP, place.server);
        }
        Allocation allocation = place.clients.get(client);
        if (allocation != null) {
            receive(message, allocation.legFrom(ClientTransport.UDP, client, place.server), allocation);
            return;
        }
        if (!allocations.guests().isEmpty()) {
            Guest guest = allocations.guests().find(fiveTuple(client, place));
            if (guest != null && !isBinding(message)) {
                handOver(message, guest);
                return;
            }
        }
        if (PacketKind.fromClient(message) == PacketKind.CHANNEL_DATA) {
            drops.count(DropReason.NO_ALLOCATION);
        } else {
            receive(message,
                    new UdpClientLeg(fiveTuple(client, place), place.socket, place.discovery, drops, place.tenant),
                    null);
        }
    }

    private static FiveTuple fiveTuple(AddressCursor client, Place place) {
        return new FiveTuple(ClientTransport.UDP, client.socketAddress(), place.server);
    }

    /** Takes a whole message of a stream; the caller releases it. */
    void message(ByteBuf message, ClientLeg leg) {
        Guest guest = guest(leg);
        if (guest != null && !isBinding(message)) {
            handOver(message, guest);
        } else {
            receive(message, leg, allocations.find(leg.fiveTuple()));
        }
    }

    /** Lets the loops hand messages over to each other; before any client is served. */
    public void meet(List<ClientMessages> all) {
        byLoop = List.copyOf(all);
    }

    /** A stream has ended. */
    void disconnected(ClientLeg leg) {
        turn.disconnected(leg);
    }

    /** Whether the stream carries an allocation. */
    boolean hasAllocation(ClientLeg leg) {
        return allocations.find(leg.fiveTuple()) != null || guest(leg) != null;
    }

    /** The stream as a guest of another loop's allocation, or null; an older connection of the same addresses is none. */
    private Guest guest(ClientLeg leg) {
        Guest guest = allocations.guests().find(leg.fiveTuple());
        return guest != null && guest.leg() == leg ? guest : null;
    }

    /** A Binding is about the leg and not about the allocation: it is answered where it arrives. */
    private static boolean isBinding(ByteBuf message) {
        return message.readableBytes() >= Short.BYTES
                && message.getShort(message.readerIndex()) == StunMethod.BINDING.messageType(StunClass.REQUEST);
    }

    private void handOver(ByteBuf message, Guest guest) {
        int bytes = message.readableBytes();
        if (!guest.mayHandOver(bytes)) {
            drops.count(DropReason.LOOP_BUSY);
            return;
        }
        int home = allocations.siblings().own();
        ClientMessages host = byLoop.get(guest.host());
        // A copy of the right size: the receive buffer is as large as the largest datagram.
        ByteBuf copy = message.alloc().buffer(bytes).writeBytes(message, message.readerIndex(), bytes);
        if (!allocations.siblings().tell(guest.host(), table -> host.take(copy, guest, home))) {
            copy.release();
        }
    }

    /** A guest's message, on the loop of its allocation; goes back if that is not here any more. */
    private void take(ByteBuf message, Guest guest, int home) {
        int bytes = message.readableBytes();
        Allocation allocation = allocations.find(guest);
        if (allocation != null) {
            try {
                receive(message, allocation.legOf(guest), allocation);
            } finally {
                message.release();
            }
        } else if (!allocations.siblings().tell(home, table -> byLoop.get(home).takeBack(message, guest))) {
            message.release();
        }
        if (guest.taken(bytes)) {
            allocations.siblings().tell(home, table -> guest.caughtUp());
        }
    }

    private void takeBack(ByteBuf message, Guest guest) {
        try {
            receive(message, guest.leg(), allocations.find(guest.leg().fiveTuple()));
        } finally {
            message.release();
        }
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
                    allocation.heardOn(leg);
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
            allocation.heardOn(leg);
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
