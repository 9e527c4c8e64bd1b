package io.turnpike.node;

import io.netty.buffer.ByteBufAllocator;
import io.turnpike.node.allocation.AllocationEvents;
import io.turnpike.node.allocation.AllocationLimits;
import io.turnpike.node.allocation.AllocationTable;
import io.turnpike.node.allocation.ExpiryWheel;
import io.turnpike.node.allocation.MobilityTickets;
import io.turnpike.node.allocation.PeerConnections;
import io.turnpike.node.allocation.RelayedTransports;
import io.turnpike.node.allocation.Review;
import io.turnpike.node.allocation.Siblings;
import io.turnpike.node.config.PeerRules;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.node.relay.ClientToPeer;
import io.turnpike.node.relay.ConnectionAttempts;
import io.turnpike.node.relay.PeerToClient;
import io.turnpike.node.transport.ClientMessages;
import io.turnpike.node.transport.RelayLoop;
import io.turnpike.node.transport.RelayLoops;
import io.turnpike.node.transport.UdpRelaySockets;
import io.turnpike.node.turn.Lifetimes;
import io.turnpike.node.turn.RequestLog;
import io.turnpike.node.turn.TurnServer;
import io.turnpike.node.usage.DropCounts;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * The path of bytes on one event loop, from the peers' side to the clients' side: a map, not logic. All of it is confined
 * to the loop; only counters are read from outside.
 */
final class ClientPipeline {
    static final Duration TICK = Duration.ofMillis(100);
    private static final int WHEEL_SLOTS = 1024;

    private final RelayLoop loop;
    private final DropCounts drops;
    private final AllocationEvents events;
    private final AllocationTable allocations;
    private final Review review;
    private final RequestLog requestLog;
    private final ClientMessages messages;

    private ClientPipeline(RelayLoop loop, DropCounts drops, AllocationEvents events, AllocationTable allocations,
            Review review, RequestLog requestLog, ClientMessages messages) {
        this.loop = loop;
        this.drops = drops;
        this.events = events;
        this.allocations = allocations;
        this.review = review;
        this.requestLog = requestLog;
        this.messages = messages;
    }

    static ClientPipeline on(RelayLoop loop, RelayLoops loops, NodeServices node, RelayAddresses relay,
            Siblings siblings, byte[] ticketKey) {
        RelayConfig config = node.config();
        DropCounts drops = new DropCounts();
        ByteBufAllocator buffers = loop.buffers();

        // Peers: relay sockets, and what arrives on them.
        UdpRelaySockets sockets = new UdpRelaySockets(loops.engine(), loop, relay.ipv4(), relay.ipv6(), node.relayed(),
                node.relayedTcp(), loops.trafficClass());
        RelayedTransports transports = new RelayedTransports(node.ipv4(), node.ipv6(), node.relayed(),
                node.relayedTcp(),
                sockets);
        PeerToClient peerToClient = new PeerToClient(node.peerPolicy(),
                new SplittableRandom(new SecureRandom().nextLong()));

        // State: allocations, their deadlines, what is told of them.
        ExpiryWheel wheel = new ExpiryWheel(TICK, WHEEL_SLOTS, node.nanoClock().getAsLong());
        AllocationEvents events = new AllocationEvents(node.events(), node.wallClock(),
                peer -> node.peerPolicy().checkHost(peer, PeerRules.NONE).peerClass());
        PeerConnections connections = new PeerConnections(siblings, new SecureRandom(),
                new ConnectionAttempts(node.peerPolicy(), buffers, new SplittableRandom(new SecureRandom().nextLong())),
                new PeerConnections.Limits(config.tcpAllocations().connectTimeout(),
                        config.tcpAllocations().maxConnections()));
        AllocationTable allocations = new AllocationTable(node.ids(), wheel, node.nanoClock(), loop::turnNanos,
                transports, events,
                new AllocationTable.SampleIntervals(config.usage().activeInterval(), config.usage().idleInterval()),
                new AllocationLimits(config.allocation().maxPermissions(), config.allocation().maxChannels(),
                        config.allocation().newPeersPerSecond()),
                drops, peerToClient, connections, siblings, node.standing(), config.allocation().mobility()
                        ? Optional.of(new MobilityTickets(ticketKey, new SecureRandom()))
                        : Optional.empty());
        Review review = new Review(allocations, loop, loop::nextTurn);

        // Clients: requests are answered, data is relayed.
        RequestLog requestLog = new RequestLog(node.events(), node.wallClock(), node.nanoClock(), node.guard(), drops);
        Lifetimes lifetimes = new Lifetimes(config.allocation().defaultLifetime(), config.allocation().maxLifetime());
        TurnServer turn = new TurnServer(node.credentials(), allocations,
                (owner, answer) -> node.quota().admit(owner.tenantId(), owner.userId(), loop.index(), loop, answer),
                node.peerPolicy(), events, lifetimes, node.drain(), requestLog, node.answers(), buffers);
        ClientToPeer clientToPeer = new ClientToPeer(node.peerPolicy(), sockets.canSetDontFragment());
        return new ClientPipeline(loop, drops, events, allocations, review, requestLog,
                new ClientMessages(allocations, turn, clientToPeer, drops));
    }

    RelayLoop loop() {
        return loop;
    }

    AllocationEvents events() {
        return events;
    }

    DropCounts drops() {
        return drops;
    }

    AllocationTable allocations() {
        return allocations;
    }

    Review review() {
        return review;
    }

    RequestLog requestLog() {
        return requestLog;
    }

    ClientMessages messages() {
        return messages;
    }
}
