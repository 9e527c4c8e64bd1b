package io.turnpike.node.turn;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.turnpike.node.allocation.Allocation;
import io.turnpike.node.allocation.AllocationEvents;
import io.turnpike.node.allocation.AllocationIds;
import io.turnpike.node.allocation.AllocationLimits;
import io.turnpike.node.allocation.AllocationOwner;
import io.turnpike.node.allocation.AllocationTable;
import io.turnpike.node.allocation.ExpiryWheel;
import io.turnpike.node.allocation.FakeLeg;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.allocation.LoopSiblings;
import io.turnpike.node.allocation.ManualTime;
import io.turnpike.node.allocation.MobilityTickets;
import io.turnpike.node.allocation.PeerConnections;
import io.turnpike.node.allocation.PeerPolicy;
import io.turnpike.node.allocation.RelayPorts;
import io.turnpike.node.allocation.RelayedAddresses;
import io.turnpike.node.allocation.RelayedTransports;
import io.turnpike.node.allocation.RelayedTransports.RelayPool;
import io.turnpike.node.allocation.Reservations;
import io.turnpike.node.allocation.Review;
import io.turnpike.node.auth.ConfiguredTenants;
import io.turnpike.node.auth.LongTermCredentials;
import io.turnpike.node.auth.SamplingGuard;
import io.turnpike.node.auth.TenantDirectory;
import io.turnpike.node.config.PeerRules;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.event.NodeIdentity;
import io.turnpike.node.event.RelayEvent;
import io.turnpike.node.quota.Admission;
import io.turnpike.node.quota.Ladder;
import io.turnpike.node.quota.QuotaGrant;
import io.turnpike.node.quota.QuotaPolicy;
import io.turnpike.node.quota.QuotaSettings;
import io.turnpike.node.quota.QuotaTable;
import io.turnpike.node.relay.ClientToPeer;
import io.turnpike.node.relay.ConnectionAttempts;
import io.turnpike.node.relay.PeerToClient;
import io.turnpike.node.usage.DropCounts;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.StunFrame;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** A whole event loop's logic over fake sockets and a manual clock: what a relay does between its sockets. */
public final class OneLoop {
    private static final byte[] TICKET_KEY = new byte[16];
    private static final Duration TICK = Duration.ofMillis(100);
    /** Permissions that an allocation may hold by default. */
    public static final int MOST_PERMISSIONS = 1024;
    private static final InetSocketAddress SERVER = FakeSockets.address("198.41.0.4", 3478);

    public final ManualTime time = new ManualTime();
    public final FakeSockets sockets;
    public final List<RelayEvent> events = new ArrayList<>();
    public final DropCounts drops = new DropCounts();
    public final RelayedAddresses relayed = new RelayedAddresses();
    public final RelayedAddresses relayedTcp = new RelayedAddresses();
    public final RelayPorts ports;
    public final AllocationTable allocations;
    public final PeerPolicy peerPolicy;
    public final AllocationEvents allocationEvents;
    public final QuotaTable quota;
    public final TurnServer turn;
    public final ClientToPeer clientToPeer;
    public final RequestLog requestLog;
    public final Drain drain;
    /** What the control plane says of tenants and users. */
    public final TenantDirectory tenants;
    private final Review review;
    private final Deque<Runnable> turns = new ArrayDeque<>();
    private final NodeIdentity node = new NodeIdentity("n1", 7, 99);
    private Admissions admissions;
    private BiConsumer<ByteBuf, FakeLeg> door = this::toServer;
    private int nextClientPort = 40_000;

    public OneLoop() {
        this(QuotaPolicy.OFF, 50_000, 50_099);
    }

    public OneLoop(QuotaPolicy policy, int portMin, int portMax) {
        this(policy, portMin, portMax, ConfigFactory.empty(), new FakeSockets());
    }

    /** Under a quota, with keys of the configuration. */
    public OneLoop(QuotaPolicy policy, Config overrides) {
        this(policy, 50_000, 50_099, overrides, new FakeSockets());
    }

    /** With keys of the configuration. */
    public OneLoop(Config overrides) {
        this(QuotaPolicy.OFF, 50_000, 50_099, overrides, new FakeSockets());
    }

    /** Over prepared sockets. */
    public OneLoop(FakeSockets sockets) {
        this(QuotaPolicy.OFF, 50_000, 50_099, ConfigFactory.empty(), sockets);
    }

    /** One loop of several, which reach each other by tasks. */
    public OneLoop(LoopSiblings all, int index, Executor tasks) {
        this(QuotaPolicy.OFF, 50_000 + 100 * index, 50_099 + 100 * index, ConfigFactory.empty(), new FakeSockets(),
                all, index, tasks);
    }

    private OneLoop(QuotaPolicy policy, int portMin, int portMax, Config overrides, FakeSockets sockets) {
        this(policy, portMin, portMax, overrides, sockets, new LoopSiblings(1), 0, Runnable::run);
    }

    private OneLoop(QuotaPolicy policy, int portMin, int portMax, Config overrides, FakeSockets sockets,
            LoopSiblings all, int index, Executor tasks) {
        this.sockets = sockets;
        RelayConfig config = RelayConfig.load(overrides.withFallback(ConfigFactory.parseString("""
                node { id = n1 }
                default-tenant = demo
                kafka.enabled = false
                quota.default.mode = OFF
                auth.nonce-keys = ["AAECAwQFBgcICQoLDA0ODw=="]
                auth.users = [
                  { tenant = demo, user = al, password = secret },
                  { tenant = demo, user = bo, password = secret },
                  { tenant = old, user = cy, password = secret },
                ]
                tenants = [{ id = old, channel-numbers = RFC5766, secrets = [] }]
                """)));
        tenants = ConfiguredTenants.directory(config);
        Ladder ladder = new Ladder(config.quota().trickleBitsPerSecond(), config.quota().trickleTime(),
                config.quota().endAfter());
        quota = new QuotaTable(node, new QuotaSettings(policy, 1, config.quota().admissionTimeout(),
                config.quota().reportInterval(), Duration.ofSeconds(10), ladder), time::nanoTime, time, events::add);
        quota.controlCaughtUp();
        admissions = (owner, answer) -> quota.admit(owner.tenantId(), owner.userId(), 0, Runnable::run, answer);
        peerPolicy = new PeerPolicy(config.peers(), relayed, relayedTcp);
        ports = new RelayPorts(portMin, portMax, Duration.ofSeconds(120), time::nanoTime, new Random(1));
        List<RelayPool> pool = List.of(pool(ports));
        List<RelayPool> pool6 = List.of(pool(
                new RelayPorts(portMin, portMax, Duration.ofSeconds(120), time::nanoTime, new Random(3))));
        allocationEvents = new AllocationEvents(events::add, time,
                peer -> peerPolicy.checkHost(peer, PeerRules.NONE).peerClass());
        UnpooledByteBufAllocator buffers = UnpooledByteBufAllocator.DEFAULT;
        allocations = new AllocationTable(new AllocationIds(node), new ExpiryWheel(TICK, 64, 0), time::nanoTime,
                time::nanoTime,
                new RelayedTransports(pool, pool6, relayed, relayedTcp, sockets), allocationEvents,
                new AllocationTable.SampleIntervals(Duration.ofSeconds(10), Duration.ofSeconds(60)),
                new AllocationLimits(config.allocation().maxPermissions(), config.allocation().maxChannels(),
                        config.allocation().newPeersPerSecond()),
                drops,
                new PeerToClient(peerPolicy, new Random(4)),
                new PeerConnections(all.of(index), new Random(5),
                        new ConnectionAttempts(peerPolicy, buffers, new Random(6)),
                        new PeerConnections.Limits(config.tcpAllocations().connectTimeout(),
                                config.tcpAllocations().maxConnections())),
                all.of(index), new OwnerStanding(tenants, time),
                config.allocation().mobility()
                        ? Optional.of(new MobilityTickets(TICKET_KEY, new SecureRandom()))
                        : Optional.empty());
        all.join(index, tasks, allocations);
        review = new Review(allocations, tasks, turns::add);
        tenants.onNarrowed(review::ask);
        drain = new Drain(config.drain(), time::nanoTime);
        requestLog = new RequestLog(events::add, time, time::nanoTime, new SamplingGuard(), drops);
        turn = new TurnServer(LongTermCredentials.of(config, tenants, time), allocations,
                (owner, answer) -> admissions.admit(owner, answer), peerPolicy, allocationEvents,
                new Lifetimes(Duration.ofSeconds(600), Duration.ofSeconds(3600)), drain, requestLog,
                new AnswerBudget(config.answers(), time::nanoTime), buffers);
        clientToPeer = new ClientToPeer(peerPolicy, sockets.canSetDontFragment());
    }

    private RelayPool pool(RelayPorts of) {
        return new RelayPool(0, of, new Reservations(of, Duration.ofSeconds(30), time::nanoTime, new Random(2)));
    }

    /** A UDP client at an address of its own. */
    public TestClient client(String user) {
        return new TestClient(this, leg(ClientTransport.UDP, nextClientPort++), user, "secret");
    }

    /** A TCP client at an address of its own. */
    public TestClient streamClient(String user) {
        return new TestClient(this, leg(ClientTransport.TCP, nextClientPort++), user, "secret");
    }

    /** A leg from any address. */
    public FakeLeg legAt(ClientTransport transport, String host, int port) {
        return new FakeLeg(new FiveTuple(transport, FakeSockets.address(host, port), SERVER),
                transport == ClientTransport.TCP || transport == ClientTransport.TLS);
    }

    public FakeLeg leg(ClientTransport transport, int port) {
        return new FakeLeg(new FiveTuple(transport, FakeSockets.address("203.0.112.9", port), SERVER),
                transport == ClientTransport.TCP);
    }

    /** A client at the given address. */
    public TestClient client(FakeLeg leg, String user) {
        return new TestClient(this, leg, user, "secret");
    }

    /** Lets time pass in ticks of the wheel, as the event loop does. */
    public void pass(Duration by) {
        for (long left = by.toNanos(); left > 0; left -= TICK.toNanos()) {
            time.advance(Duration.ofNanos(Math.min(left, TICK.toNanos())));
            allocations.advance();
            review.tick();
        }
    }

    /** Runs what waits for the loop's next turn, and says whether there was anything. */
    public boolean turn() {
        Runnable waiting = turns.poll();
        if (waiting != null) {
            waiting.run();
        }
        return waiting != null;
    }

    /** Lets the loop turn until nothing waits. */
    public void settle() {
        while (turn()) {
            // each turn may ask for another
        }
    }

    /** Keeps the answers of the quota back, to be given later. */
    public List<Runnable> holdAdmissions() {
        List<Runnable> held = new ArrayList<>();
        Admissions asked = admissions;
        admissions = new Admissions() {
            @Override
            public void admit(AllocationOwner owner, Consumer<Admission> answer) {
                held.add(() -> asked.admit(owner, answer));
            }
        };
        return held;
    }

    /** Refuses every admission. */
    public void refuseAdmissions() {
        admissions = (owner, answer) -> answer.accept(new Admission.Refused(Admission.Reason.EXHAUSTED));
    }

    /** The ledger lets this node spend up to the given bytes of the tenant demo in this period. */
    public void grant(long seq, long bytes) {
        grant(seq, bytes, false);
    }

    /** The same, saying whether the whole quota is exhausted. */
    public void grant(long seq, long bytes, boolean exhausted) {
        quota.applyGrant(new QuotaGrant("demo", "", "2026-11", Instant.parse("2026-11-01T00:00:00Z"),
                Instant.parse("2026-12-01T00:00:00Z"), node.nodeId(), node.epoch(), node.processNonce(), 0, seq, bytes,
                exhausted, false, false, 0, false));
    }

    public Allocation allocationOf(TestClient client) {
        return allocations.find(client.leg().fiveTuple());
    }

    public long dropped(DropReason reason) {
        return drops.get(reason);
    }

    public <E extends RelayEvent> List<E> events(Class<E> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** Gives bytes to the step that the demultiplexer would choose for a message that is not ChannelData. */
    void receive(byte[] message, FakeLeg leg) {
        ByteBuf buffer = Unpooled.wrappedBuffer(message);
        door.accept(buffer, leg);
        buffer.release();
    }

    /** From now on what clients send comes in here. */
    public void through(BiConsumer<ByteBuf, FakeLeg> otherDoor) {
        door = otherDoor;
    }

    private void toServer(ByteBuf buffer, FakeLeg leg) {
        StunFrame frame = new StunFrame();
        frame.wrap(buffer);
        turn.receive(frame, leg, allocations.find(leg.fiveTuple()));
    }
}
