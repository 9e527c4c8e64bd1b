package io.turnpike.node.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.turnpike.node.allocation.RelayedTransports.RelayPool;
import io.turnpike.node.config.PeerRules;
import io.turnpike.node.event.AllocationEnded;
import io.turnpike.node.event.BillableRule;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.event.EndReason;
import io.turnpike.node.event.NodeIdentity;
import io.turnpike.node.event.RelayEvent;
import io.turnpike.node.event.UsageSampled;
import io.turnpike.node.event.PeerClass;
import io.turnpike.node.quota.Admission;
import io.turnpike.node.quota.Allowance;
import io.turnpike.node.quota.QuotaPolicy;
import io.turnpike.node.quota.QuotaSettings;
import io.turnpike.node.quota.QuotaTable;
import io.turnpike.node.usage.DropCounts;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.Endpoint;
import io.turnpike.stun.TransactionId;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A hundred thousand allocations with a channel each on one event loop, without the operating system. */
class CrowdTest {
    private static final int CROWD = 100_000;
    private static final int MADE_EACH_TICK = 100;
    private static final int FIRST_PORT = 10_000;
    private static final Duration TICK = Duration.ofMillis(100);
    private static final Duration LIFETIME = Duration.ofSeconds(600);
    private static final Duration IDLE = Duration.ofSeconds(60);
    private static final InetSocketAddress SERVER = FakeSockets.address("198.41.0.4", 3478);
    private static final InetSocketAddress PEER = FakeSockets.address("203.0.112.1", 4000);

    private final ManualTime time = new ManualTime();
    private final List<RelayEvent> events = new ArrayList<>();
    private final CountedSockets sockets = new CountedSockets();
    private final RelayedAddresses relayed = new RelayedAddresses();
    private final List<RelayPool> pools = IntStream.range(0, 2).mapToObj(this::pool).toList();
    private final NodeIdentity node = new NodeIdentity("n1", 7, 99);
    private final QuotaTable quota = new QuotaTable(node, QuotaSettings.standard(QuotaPolicy.OFF, 1), time::nanoTime,
            time, event -> {});
    private final AllocationTable table = table();
    private Allowance admitted;

    @Test
    void endEachWhenItsOwnTimeIsOverWithAnEvenLoadOnEveryTick() {
        quota.controlCaughtUp();
        for (int i = 0; i < CROWD; i++) {
            make(i);
            if (i % MADE_EACH_TICK == MADE_EACH_TICK - 1) {
                tick();
                events.clear();
            }
        }
        assertThat(table.size()).isEqualTo(CROWD);
        assertThat(table.channels()).isEqualTo(CROWD);
        assertThat(sockets.open).isEqualTo(CROWD);
        assertThat(relayed.size()).isEqualTo(CROWD);

        int ended = 0;
        int sampled = 0;
        for (Duration passed = TICK.multipliedBy(CROWD / MADE_EACH_TICK); table.size() > 0; passed = passed
                .plus(TICK)) {
            assertThat(passed).isLessThan(LIFETIME.multipliedBy(2));
            tick();
            ended += count(AllocationEnded.class);
            sampled += count(UsageSampled.class);
            // What was made in one tick ends in one tick; samples are due as evenly as allocations were made.
            assertThat(count(AllocationEnded.class)).isLessThanOrEqualTo(2 * MADE_EACH_TICK);
            assertThat(count(UsageSampled.class)).isLessThanOrEqualTo(6 * MADE_EACH_TICK);
            events.clear();
        }

        assertThat(ended).isEqualTo(CROWD);
        assertThat(sampled).isGreaterThanOrEqualTo(CROWD);
        assertThat(table.permissions()).isZero();
        assertThat(table.channels()).isZero();
        assertThat(sockets.open).isZero();
        assertThat(relayed.size()).isZero();
        time.advance(Duration.ofSeconds(120));
        assertThat(pools).allSatisfy(pool -> assertThat(pool.ports().freeCount()).isEqualTo(65_536 - FIRST_PORT));
    }

    private void make(int number) {
        quota.admit("demo", "al", 0, Runnable::run, answer -> admitted = ((Admission.Admitted) answer).allowance());
        InetSocketAddress client = FakeSockets.address("203.0.113." + (1 + number / 50_000),
                FIRST_PORT + number % 50_000);
        Allocation made = table.create(new FakeLeg(new FiveTuple(ClientTransport.UDP, client, SERVER), false),
                new AllocationOwner("demo", "al", "al", channel -> true, BillableRule.BOTH_DIRECTIONS, PeerRules.NONE,
                        OptionalLong.empty(), Optional.empty(), OptionalLong.empty()),
                RelayPlan.of(AddressFamily.IPV4), LIFETIME, admitted,
                new AllocationOrigin(TransactionId.random(new Random(number)), "", Duration.ZERO)).orElseThrow();
        made.bind(0x4000, PEER);
    }

    private void tick() {
        time.advance(TICK);
        table.advance();
    }

    private int count(Class<? extends RelayEvent> kind) {
        return (int) events.stream().filter(kind::isInstance).count();
    }

    private RelayPool pool(int host) {
        RelayPorts ports = new RelayPorts(FIRST_PORT, 65_535, Duration.ofSeconds(120), time::nanoTime,
                new Random(host));
        return new RelayPool(host, ports,
                new Reservations(ports, Duration.ofSeconds(30), time::nanoTime, new Random(1)));
    }

    private AllocationTable table() {
        return new AllocationTable(new AllocationIds(node), new ExpiryWheel(TICK, 1_024, 0), time::nanoTime,
                time::nanoTime, new RelayedTransports(pools, List.of(), relayed, new RelayedAddresses(), sockets),
                new AllocationEvents(events::add, time, peer -> PeerClass.PUBLIC),
                new AllocationTable.SampleIntervals(Duration.ofSeconds(10), IDLE), new AllocationLimits(16, 16, 100),
                new DropCounts(), (allocation, payload, peer) -> {},
                new PeerConnections(new LoopSiblings(1).of(0), new Random(5), null,
                        new PeerConnections.Limits(Duration.ofSeconds(30), 0)),
                new LoopSiblings(1).of(0), owner -> Optional.empty(), Optional.empty());
    }

    private static final class CountedSockets implements RelaySockets {
        private int open;

        @Override
        public boolean supports(ProtocolFamily family) {
            return true;
        }

        @Override
        public boolean canSetDontFragment() {
            return true;
        }

        @Override
        public Optional<RelaySocket> open(ProtocolFamily family, int host, int port, RelaySocket.Receiver receiver) {
            open++;
            InetSocketAddress address = FakeSockets.address("198.41.0." + (4 + host), port);
            return Optional.of(new RelaySocket() {
                @Override
                public InetSocketAddress relayedAddress() {
                    return address;
                }

                @Override
                public void close() {
                    open--;
                }

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
                    return true;
                }
            });
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
}
