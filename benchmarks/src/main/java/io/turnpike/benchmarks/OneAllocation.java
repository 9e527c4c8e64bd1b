package io.turnpike.benchmarks;

import com.typesafe.config.ConfigFactory;
import io.netty.buffer.ByteBuf;
import io.turnpike.node.allocation.Allocation;
import io.turnpike.node.allocation.AllocationEvents;
import io.turnpike.node.allocation.AllocationIds;
import io.turnpike.node.allocation.AllocationLimits;
import io.turnpike.node.allocation.AllocationOrigin;
import io.turnpike.node.allocation.AllocationOwner;
import io.turnpike.node.allocation.AllocationTable;
import io.turnpike.node.allocation.ClientLeg;
import io.turnpike.node.allocation.Delivery;
import io.turnpike.node.allocation.ExpiryWheel;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.allocation.HeldPort;
import io.turnpike.node.allocation.LoopSiblings;
import io.turnpike.node.allocation.PeerAttempts;
import io.turnpike.node.allocation.PeerConnections;
import io.turnpike.node.allocation.PeerPolicy;
import io.turnpike.node.allocation.RelayListener;
import io.turnpike.node.allocation.RelayPlan;
import io.turnpike.node.allocation.RelayPorts;
import io.turnpike.node.allocation.RelaySocket;
import io.turnpike.node.allocation.RelaySockets;
import io.turnpike.node.allocation.RelayedAddresses;
import io.turnpike.node.allocation.RelayedTransports;
import io.turnpike.node.allocation.Reservations;
import io.turnpike.node.config.PeerRules;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.node.event.BillableRule;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.event.NodeIdentity;
import io.turnpike.node.quota.Admission;
import io.turnpike.node.quota.Allowance;
import io.turnpike.node.quota.OnControlLoss;
import io.turnpike.node.quota.PeriodKind;
import io.turnpike.node.quota.QuotaGrant;
import io.turnpike.node.quota.QuotaMode;
import io.turnpike.node.quota.QuotaPolicy;
import io.turnpike.node.quota.QuotaSettings;
import io.turnpike.node.quota.QuotaTable;
import io.turnpike.node.relay.ClientToPeer;
import io.turnpike.node.relay.PeerToClient;
import io.turnpike.node.usage.DropCounts;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.Endpoint;
import io.turnpike.stun.TransactionId;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;

/**
 * One allocation of a tenant with a hard quota, in the relay's own code over sockets that take everything and do nothing:
 * what is left is what the relay's steps cost. {@link #PEER} has a channel, {@link #PEER_WITHOUT_CHANNEL} a permission.
 */
final class OneAllocation {
    static final InetSocketAddress PEER = new InetSocketAddress("192.0.3.1", 50_000);
    static final InetSocketAddress PEER_WITHOUT_CHANNEL = new InetSocketAddress("192.0.3.2", 50_000);
    private static final int CHANNEL = 0x4000;
    private static final int FIRST_PORT = 50_000;
    private static final int LAST_PORT = 50_099;
    private static final int MOST = 1024;
    private static final long CREDIT = 1L << 60;
    private static final String TENANT = "demo";
    private static final NodeIdentity NODE = new NodeIdentity("bench", 1, 1);

    private final ClientToPeer clientToPeer;
    private final PeerToClient peerToClient;
    private final Allowance allowance;
    private final Allocation allocation;

    OneAllocation() {
        RelayedAddresses relayed = new RelayedAddresses();
        PeerPolicy policy = new PeerPolicy(RelayConfig.load(ConfigFactory.parseString("""
                node.id = bench
                default-tenant = demo
                kafka.enabled = false
                quota.default.mode = OFF
                """)).peers(), relayed, relayed);
        clientToPeer = new ClientToPeer(policy, false);
        peerToClient = new PeerToClient(policy, new Random(1));
        allowance = allowance();
        allocation = table(policy, relayed).create(new NoClient(), owner(), RelayPlan.of(AddressFamily.IPV4),
                Duration.ofHours(1), allowance, new AllocationOrigin(new TransactionId(1, 2), "", Duration.ZERO))
                .orElseThrow();
        allocation.permit(PEER.getAddress());
        allocation.bind(CHANNEL, PEER);
        allocation.permit(PEER_WITHOUT_CHANNEL.getAddress());
    }

    Allocation allocation() {
        return allocation;
    }

    Allowance credit() {
        return allowance;
    }

    ClientToPeer clientToPeer() {
        return clientToPeer;
    }

    PeerToClient peerToClient() {
        return peerToClient;
    }

    /** Whether everything that was sent so far was let through, and something was. */
    boolean hasRelayedAll() {
        return allocation.usage().packets() > 0 && allocation.usage().dropsByLabel().isEmpty();
    }

    private static Allowance allowance() {
        QuotaPolicy hard = new QuotaPolicy(1, QuotaMode.HARD, PeriodKind.MONTH, ZoneOffset.UTC,
                OptionalLong.of(CREDIT), OnControlLoss.STOP);
        QuotaTable quota = new QuotaTable(NODE, QuotaSettings.standard(hard, 1), System::nanoTime, Clock.systemUTC(),
                event -> {});
        quota.controlCaughtUp();
        Allowance[] admitted = new Allowance[1];
        quota.admit(TENANT, "user", 0, Runnable::run,
                answer -> admitted[0] = ((Admission.Admitted) answer).allowance());
        Instant month = Instant.now().atZone(ZoneOffset.UTC).withDayOfMonth(1).truncatedTo(ChronoUnit.DAYS).toInstant();
        quota.applyGrant(new QuotaGrant(TENANT, "", month.toString().substring(0, "2026-11".length()), month,
                month.atZone(ZoneOffset.UTC).plusMonths(1).toInstant(), NODE.nodeId(), NODE.epoch(),
                NODE.processNonce(), 1, 1, CREDIT, false, false, false, System.nanoTime(), false));
        return admitted[0];
    }

    private static AllocationTable table(PeerPolicy policy, RelayedAddresses relayed) {
        LoopSiblings loops = new LoopSiblings(1);
        RelayPorts ports = new RelayPorts(FIRST_PORT, LAST_PORT, Duration.ZERO, System::nanoTime, new Random(2));
        RelayedTransports.RelayPool pool = new RelayedTransports.RelayPool(0, ports,
                new Reservations(ports, Duration.ofSeconds(30), System::nanoTime, new Random(3)));
        AllocationTable table = new AllocationTable(new AllocationIds(NODE),
                new ExpiryWheel(Duration.ofMillis(100), 64, System.nanoTime()), System::nanoTime, System::nanoTime,
                new RelayedTransports(List.of(pool), List.of(pool), relayed, relayed, new NoSockets()),
                new AllocationEvents(event -> {}, Clock.systemUTC(),
                        peer -> policy.checkHost(peer, PeerRules.NONE).peerClass()),
                new AllocationTable.SampleIntervals(Duration.ofSeconds(10), Duration.ofSeconds(60)),
                new AllocationLimits(MOST, MOST, MOST), new DropCounts(), (allocation, payload, peer) -> {},
                new PeerConnections(loops.of(0), new Random(4), new NoAttempts(),
                        new PeerConnections.Limits(Duration.ofSeconds(30), MOST)),
                loops.of(0), owner -> Optional.empty(), Optional.empty());
        loops.join(0, Runnable::run, table);
        return table;
    }

    private static AllocationOwner owner() {
        return new AllocationOwner(TENANT, "user", "user", number -> true, BillableRule.BOTH_DIRECTIONS, PeerRules.NONE,
                OptionalLong.empty(), Optional.empty(), OptionalLong.empty());
    }

    private static final class NoAttempts implements PeerAttempts {
        @Override
        public boolean admits(Allocation to, InetSocketAddress peer) {
            return false;
        }

        @Override
        public void announce(Allocation to, InetSocketAddress peer, int connectionId) {}
    }

    private static final class NoSockets implements RelaySockets {
        @Override
        public boolean supports(ProtocolFamily family) {
            return family == StandardProtocolFamily.INET;
        }

        @Override
        public boolean canSetDontFragment() {
            return false;
        }

        @Override
        public Optional<RelaySocket> open(ProtocolFamily family, int host, int port, RelaySocket.Receiver receiver) {
            return Optional.of(new NoSocket(new InetSocketAddress("198.41.0.4", port)));
        }

        @Override
        public Optional<RelayListener> listen(ProtocolFamily family, int host, int port,
                RelayListener.Receiver receiver) {
            return Optional.empty();
        }

        @Override
        public Optional<HeldPort> hold(ProtocolFamily family, int host, int port) {
            return Optional.empty();
        }
    }

    private record NoSocket(InetSocketAddress relayedAddress) implements RelaySocket {
        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void send(ByteBuf message, int index, int bytes, Endpoint peer, int clientWireBytes,
                Delivery delivery) {
            delivery.delivered(clientWireBytes, bytes);
        }

        @Override
        public boolean dontFragment(boolean wanted) {
            return !wanted;
        }

        @Override
        public void close() {}
    }

    private static final class NoClient implements ClientLeg {
        private final FiveTuple fiveTuple = new FiveTuple(ClientTransport.UDP,
                new InetSocketAddress("203.0.112.9", 40_000), new InetSocketAddress("198.41.0.4", 3478));

        @Override
        public FiveTuple fiveTuple() {
            return fiveTuple;
        }

        @Override
        public boolean isStream() {
            return false;
        }

        @Override
        public void sendControl(ByteBuf message) {
            message.release();
        }

        @Override
        public void sendData(ByteBuf head, ByteBuf payload, int padding, Delivery delivery) {
            int payloadBytes = payload.readableBytes();
            delivery.delivered(head.readableBytes() + payloadBytes + padding, payloadBytes);
        }

        @Override
        public void pauseReading() {}

        @Override
        public void resumeReading() {}

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
