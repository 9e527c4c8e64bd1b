package io.turnpike.node;

import static io.turnpike.node.Metrics.sum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.turnpike.client.Allocation;
import io.turnpike.client.ClientTransport;
import io.turnpike.client.EchoPeer;
import io.turnpike.client.StunErrorException;
import io.turnpike.client.TurnClient;
import io.turnpike.stun.MobilityTicket;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Allocations that move between transports, address families and event loops of a whole node (RFC 8016). */
class MobilityIT extends NodeBench {
    private static final int MESSAGES = 50;
    private static final int CHANNEL = 0x4000;

    private final List<TurnClient> clients = new ArrayList<>();
    private final AtomicInteger received = new AtomicInteger();

    static Stream<Arguments> engines() {
        return Engines.all().flatMap(engine -> Stream.of(1, 4).map(loops -> Arguments.of(engine, loops)));
    }

    /** Every transport from both families, so that with four loops most moves lead to another loop. */
    @ParameterizedTest
    @MethodSource("engines")
    void followsTheClientOverEveryTransportAndCountsToTheByte(String engine, int loops) throws Exception {
        RelayNode node = start(engine, loops, true);
        EchoPeer peer = open.add(EchoPeer.start(new InetSocketAddress("127.0.0.1", 0)));
        TurnClient client = client(node, ClientTransport.UDP, "127.0.0.1");
        Allocation allocation = get(client.allocateMovable());
        MobilityTicket ticket = allocation.mobilityTicket().orElseThrow();
        get(client.channelBind(CHANNEL, peer.address()));
        exchange(client, peer);

        int moves = 0;
        for (String host : List.of("127.0.0.1", "::1")) {
            for (ClientTransport transport : ClientTransport.values()) {
                TurnClient next = client(node, transport, host);
                ticket = get(client.moveTo(next, ticket)).ticket();
                exchange(next, peer);
                client = next;
                moves++;
            }
        }

        assertThat(sum(node, "turn_relay_allocation_moves_total")).isEqualTo(moves);
        assertThat(sum(node, "turn_relay_allocations{")).isOne();
        assertThat(sum(node, "turn_relay_allocations{transport=\"dtls\"}")).isOne();
        get(client.release());
        await().atMost(LONG_ENOUGH).until(() -> sum(node, "turn_relay_allocations{") == 0);
        assertThat(received).hasValue(2 * MESSAGES * (moves + 1));
        assertExact(node);
    }

    /** The data that is under way while the client moves is counted once or dropped, never both. */
    @ParameterizedTest
    @MethodSource("engines")
    void movesWhileDataFlowsBothWays(String engine, int loops) throws Exception {
        RelayNode node = start(engine, loops, true);
        EchoPeer peer = open.add(EchoPeer.start(new InetSocketAddress("127.0.0.1", 0)));
        TurnClient client = client(node, ClientTransport.TCP, "127.0.0.1");
        MobilityTicket ticket = get(client.allocateMovable()).mobilityTicket().orElseThrow();
        get(client.channelBind(CHANNEL, peer.address()));
        int sent = 0;
        for (int move = 0; move < 6; move++) {
            TurnClient next = client(node, ClientTransport.TCP, "127.0.0.1");
            CompletableFuture<MobilityTicket> moved = client.moveTo(next, ticket).thenApply(step -> step.ticket());
            for (int i = 0; i < MESSAGES; i++, sent++) {
                get(client.channelData(CHANNEL, payload(i)));
            }
            ticket = get(moved);
            int all = sent;
            await().atMost(LONG_ENOUGH).untilAsserted(() -> assertThat(received).hasValue(all));
            get(next.refresh(Duration.ofSeconds(600)));
            client = next;
        }
        get(client.release());
        assertExact(node);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void findsTheAllocationAgainAfterALostConnection(String engine, int loops) throws Exception {
        RelayNode node = start(engine, loops, true);
        DatagramSocket peer = open.add(new DatagramSocket(new InetSocketAddress("127.0.0.1", 0)));
        TurnClient lost = client(node, ClientTransport.TCP, "127.0.0.1");
        Allocation allocation = get(lost.allocateMovable());
        get(lost.createPermission((InetSocketAddress) peer.getLocalSocketAddress()));
        DatagramPacket packet = new DatagramPacket(new byte[100], 100, allocation.relayed());
        lost.close();

        await().atMost(LONG_ENOUGH).until(() -> {
            peer.send(packet);
            return sum(node, "turn_relay_dropped_packets_total{reason=\"client_absent\"}") > 0;
        });
        long absent = sum(node, "turn_relay_packets_total{direction=\"tx\",leg=\"client\"}");
        assertThat(absent).isEqualTo(received.get());

        TurnClient found = client(node, ClientTransport.TCP, "::1");
        get(found.resume(allocation.mobilityTicket().orElseThrow()));
        peer.send(packet);
        await().atMost(LONG_ENOUGH).untilAsserted(() -> assertThat(received).hasValue((int) absent + 1));
        assertThat(sum(node, "turn_relay_allocations{")).isOne();
        get(found.release());
        assertExact(node);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void leavesNothingBehindAfterManyMoves(String engine, int loops) throws Exception {
        RelayNode node = start(engine, loops, true);
        TurnClient client = client(node, ClientTransport.UDP, "127.0.0.1");
        MobilityTicket ticket = get(client.allocateMovable()).mobilityTicket().orElseThrow();
        List<TurnClient> former = new ArrayList<>();
        for (int move = 0; move < 8; move++) {
            TurnClient next = client(node, ClientTransport.UDP, "127.0.0.1");
            ticket = get(client.moveTo(next, ticket)).ticket();
            get(next.refresh(Duration.ofSeconds(600)));
            former.add(client);
            client = next;
        }

        for (TurnClient old : former) {
            assertThatThrownBy(() -> get(old.refresh(Duration.ofSeconds(600)))).hasCauseInstanceOf(
                    StunErrorException.class).hasMessageContaining("437");
            get(old.allocate());
            get(old.release());
        }
        assertThat(node.guests()).isLessThanOrEqualTo(1);
        get(client.release());
        await().atMost(LONG_ENOUGH).until(() -> node.guests() == 0 && node.allocations() == 0);
    }

    @ParameterizedTest
    @MethodSource("engines")
    void endsWithTheConnectionWhereAllocationsMayNotMove(String engine, int loops) throws Exception {
        RelayNode node = start(engine, loops, false);
        TurnClient client = client(node, ClientTransport.TCP, "127.0.0.1");
        assertThatThrownBy(() -> get(client.allocateMovable())).hasCauseInstanceOf(StunErrorException.class)
                .hasMessageContaining("405");
        get(client.allocate());
        client.close();

        await().atMost(LONG_ENOUGH).until(() -> node.allocations() == 0);
    }

    private void exchange(TurnClient client, EchoPeer peer) throws Exception {
        int before = received.get();
        for (int i = 0; i < MESSAGES; i++) {
            get(client.channelData(CHANNEL, payload(i)));
            get(client.sendIndication(peer.address(), payload(i)));
        }
        await().atMost(LONG_ENOUGH).untilAsserted(() -> assertThat(received).hasValue(before + 2 * MESSAGES));
    }

    /** What the node counted is what all the connections together sent and received. */
    private void assertExact(RelayNode node) throws Exception {
        long wireSent = total(client -> client.counters().clientToRelay().wireBytes());
        long payloadSent = total(client -> client.counters().clientToRelay().payloadBytes());
        long wireBack = total(client -> client.counters().relayToClient().wireBytes());
        long packetsBack = total(client -> client.counters().relayToClient().packets());
        assertThat(sum(node, "turn_relay_bytes_total{direction=\"rx\",leg=\"client\"}")).isEqualTo(wireSent);
        assertThat(sum(node, "turn_relay_bytes_total{direction=\"tx\",leg=\"peer\"}")).isEqualTo(payloadSent);
        assertThat(sum(node, "turn_relay_bytes_total{direction=\"tx\",leg=\"client\"}")).isEqualTo(wireBack);
        assertThat(sum(node, "turn_relay_packets_total{direction=\"tx\",leg=\"client\"}")).isEqualTo(packetsBack);
    }

    private long total(ToLongFunction<TurnClient> figure) {
        return clients.stream().mapToLong(figure).sum();
    }

    private RelayNode start(String engine, int loops, boolean mobility) throws IOException {
        return startWith(engine, """
                event-loops = %d
                allocation.mobility = %s
                peers.allow = ["127.0.0.0/8"]
                relay.ipv4 = "127.0.0.1"
                listeners = [
                  { transport = udp, host = "127.0.0.1", port = 0 }, { transport = udp, host = "::1", port = 0 },
                  { transport = tcp, host = "127.0.0.1", port = 0 }, { transport = tcp, host = "::1", port = 0 },
                  { transport = tls, host = "127.0.0.1", port = 0 }, { transport = tls, host = "::1", port = 0 },
                  { transport = dtls, host = "127.0.0.1", port = 0 }, { transport = dtls, host = "::1", port = 0 },
                ]
                """.formatted(loops, mobility));
    }

    private TurnClient client(RelayNode node, ClientTransport transport, String host) throws Exception {
        TurnClient client = open.add(get(TurnClient.to(listener(node, transport, host)).transport(transport)
                .security(security(transport)).credentials("al", "secret")
                .onData((peer, data) -> received.incrementAndGet()).connect()));
        clients.add(client);
        return client;
    }

    private static ByteBuf payload(int i) {
        return Unpooled.wrappedBuffer(new byte[100 + i % 4]);
    }
}
