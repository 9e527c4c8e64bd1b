package io.turnpike.node;

import static io.turnpike.node.Metrics.metric;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.turnpike.client.Allocation;
import io.turnpike.client.ClientTransport;
import io.turnpike.client.EchoPeer;
import io.turnpike.client.StunErrorException;
import io.turnpike.client.Traffic;
import io.turnpike.client.TurnClient;
import io.turnpike.node.transport.ListenerAddress;
import io.turnpike.node.transport.ListenerBindException;
import io.turnpike.stun.AdditionalAddressFamily;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.EvenPort;
import io.turnpike.stun.RequestedAddressFamily;
import io.turnpike.stun.ReservationToken;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A whole node over real sockets on loopback, on both socket engines. */
class RelayNodeIT extends NodeBench {
    private static final int MESSAGES = 200;
    private static final String KEYS = """
            event-loops = 2
            relay { ipv4 = "127.0.0.1", ipv6 = "::1" }
            listeners = [
              { transport = udp, host = "127.0.0.1", port = 0 }
              { transport = tcp, host = "127.0.0.1", port = 0 }
              { transport = udp, host = "::1", port = 0 }
              { transport = tcp, host = "::1", port = 0 }
              { transport = tls, host = "127.0.0.1", port = 0 }
              { transport = tls, host = "::1", port = 0 }
              { transport = dtls, host = "127.0.0.1", port = 0 }
              { transport = dtls, host = "::1", port = 0 }
            ]
            """;

    static Stream<Arguments> paths() {
        return Engines.all()
                .flatMap(engine -> Stream.of(ClientTransport.values())
                        .flatMap(transport -> Stream.of("127.0.0.1", "::1")
                                .flatMap(host -> Stream.of("127.0.0.1", "::1")
                                        .map(peer -> Arguments.of(engine, transport, host, peer)))));
    }

    @ParameterizedTest
    @MethodSource("paths")
    void relaysBothWaysAndCountsToTheByte(String engine, ClientTransport transport, String host, String peerHost)
            throws Exception {
        RelayNode node = start(engine, "peers.allow = [\"127.0.0.0/8\", \"::1/128\"]");
        EchoPeer peer = open.add(EchoPeer.start(new InetSocketAddress(peerHost, 0)));
        AtomicInteger received = new AtomicInteger();
        TurnClient client = client(node, transport, host, received);
        AddressFamily family = AddressFamily.of(peer.address().getAddress());

        get(client.allocate(request -> request.add(new RequestedAddressFamily(family))));
        get(client.createPermission(peer.address()));
        for (int i = 0; i < MESSAGES; i++) {
            get(client.sendIndication(peer.address(), payload(i)));
        }
        await().atMost(LONG_ENOUGH).untilAtomic(received, value -> assertThat(value).isEqualTo(MESSAGES));
        get(client.channelBind(0x4000, peer.address()));
        for (int i = 0; i < MESSAGES; i++) {
            get(client.channelData(0x4000, payload(i)));
        }
        await().atMost(LONG_ENOUGH).untilAtomic(received, value -> assertThat(value).isEqualTo(2 * MESSAGES));

        Traffic sent = client.counters().clientToRelay();
        Traffic back = client.counters().relayToClient();
        assertThat(peer.receivedPackets()).isEqualTo(2 * MESSAGES);
        assertThat(metric(node, "turn_relay_bytes_total{direction=\"rx\",leg=\"client\"}")).isEqualTo(sent.wireBytes());
        assertThat(metric(node, "turn_relay_bytes_total{direction=\"tx\",leg=\"peer\"}"))
                .isEqualTo(sent.payloadBytes());
        assertThat(metric(node, "turn_relay_bytes_total{direction=\"rx\",leg=\"peer\"}"))
                .isEqualTo(back.payloadBytes());
        assertThat(metric(node, "turn_relay_bytes_total{direction=\"tx\",leg=\"client\"}")).isEqualTo(back.wireBytes());
        assertThat(metric(node, "turn_relay_packets_total{direction=\"tx\",leg=\"client\"}")).isEqualTo(2L * MESSAGES);
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void relaysLargeAndEmptyDatagramsInOrder(String engine) throws Exception {
        RelayNode node = start(engine, "peers.allow = [\"127.0.0.0/8\"]");
        List<Integer> sizes = Collections.synchronizedList(new ArrayList<>());
        TurnClient client = open.add(get(TurnClient.to(listener(node, ClientTransport.TCP, "127.0.0.1"))
                .transport(ClientTransport.TCP).credentials("al", "secret")
                .onData((from, data) -> sizes.add(data.readableBytes())).connect()));
        get(client.allocate());
        DatagramSocket peer = open.add(new DatagramSocket(new InetSocketAddress("127.0.0.1", 0)));
        peer.setSoTimeout((int) LONG_ENOUGH.toMillis());
        get(client.channelBind(0x4000, (InetSocketAddress) peer.getLocalSocketAddress()));

        for (int size : new int[]{3, 0, 60_001}) {
            get(client.channelData(0x4000, Unpooled.wrappedBuffer(new byte[size])));
        }
        for (int size : new int[]{3, 0, 60_001}) {
            DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
            peer.receive(packet);
            assertThat(packet.getLength()).isEqualTo(size);
            peer.send(packet);
        }

        await().atMost(LONG_ENOUGH).untilAsserted(() -> assertThat(sizes).containsExactly(3, 0, 60_001));
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void letsRelayedClientsMeetThoughTheirRangeIsDenied(String engine) throws Exception {
        RelayNode node = start(engine, "");
        List<TurnClient> clients = new ArrayList<>();
        List<InetSocketAddress> relayed = new ArrayList<>();
        List<AtomicInteger> received = new ArrayList<>();
        // Enough of them, that some pairs live on different loops.
        for (int i = 0; i < 6; i++) {
            received.add(new AtomicInteger());
            TurnClient client = client(node, i % 3 == 0 ? ClientTransport.TCP : ClientTransport.UDP, "127.0.0.1",
                    received.get(i));
            relayed.add(get(client.allocate()).relayed());
            clients.add(client);
        }
        for (int i = 0; i < clients.size(); i++) {
            for (InetSocketAddress other : relayed) {
                get(clients.get(i).createPermission(other));
            }
        }
        for (TurnClient client : clients) {
            for (InetSocketAddress other : relayed) {
                get(client.sendIndication(other, payload(1)));
            }
        }

        await().atMost(LONG_ENOUGH).untilAsserted(
                () -> assertThat(received).allSatisfy(count -> assertThat(count).hasValue(clients.size())));
        assertThatThrownBy(
                () -> get(clients.get(0).channelBind(0x4000, listener(node, ClientTransport.UDP, "127.0.0.1"))))
                .hasRootCauseInstanceOf(StunErrorException.class);
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void relaysBothFamiliesOfOneAllocation(String engine) throws Exception {
        RelayNode node = start(engine, "peers.allow = [\"127.0.0.0/8\", \"::1/128\"]");
        EchoPeer ipv4 = open.add(EchoPeer.start(new InetSocketAddress("127.0.0.1", 0)));
        EchoPeer ipv6 = open.add(EchoPeer.start(new InetSocketAddress("::1", 0)));
        AtomicInteger received = new AtomicInteger();
        TurnClient client = client(node, ClientTransport.UDP, "127.0.0.1", received);
        get(client.allocate(request -> request.add(new AdditionalAddressFamily(AddressFamily.IPV6))));
        get(client.createPermission(ipv4.address(), ipv6.address()));

        get(client.sendIndication(ipv4.address(), payload(1)));
        get(client.sendIndication(ipv6.address(), payload(2)));

        await().atMost(LONG_ENOUGH).untilAtomic(received, value -> assertThat(value).isEqualTo(2));
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void endsTheAllocationWithTheConnection(String engine) throws Exception {
        RelayNode node = start(engine, "");
        TurnClient client = client(node, ClientTransport.TCP, "127.0.0.1", new AtomicInteger());
        get(client.allocate());
        assertThat(node.allocations()).isOne();

        client.close();

        await().atMost(LONG_ENOUGH).until(() -> node.allocations() == 0);
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void closesAStreamThatIsNoTurn(String engine) throws Exception {
        RelayNode node = start(engine, "");
        TurnClient client = client(node, ClientTransport.TCP, "127.0.0.1", new AtomicInteger());

        get(client.sendRaw(Unpooled.copiedBuffer(new byte[]{(byte) 0xFF, 1, 2, 3})));

        await().atMost(LONG_ENOUGH).until(() -> !client.isOpen());
        assertThat(metric(node, "turn_relay_dropped_packets_total{reason=\"malformed_stream\"}")).isOne();
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void refusesToShareAPortAndNamesTheListener(String engine) throws Exception {
        RelayNode node = start(engine, "");
        for (ListenerAddress taken : node.listeners()) {
            String second = "listeners = [{ transport = " + taken.transport().label()
                    + ", host = \"" + taken.address().getAddress().getHostAddress() + "\", port = "
                    + taken.address().getPort() + " }]";

            assertThatThrownBy(() -> start(engine, second)).isInstanceOf(ListenerBindException.class)
                    .hasMessageContaining("listeners[0]")
                    .hasMessageContaining(Integer.toString(taken.address().getPort()));
        }
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void stopsAndStartsAgainOnTheSamePortWithAHigherEpoch(String engine) throws Exception {
        RelayNode first = RelayNode.start(config(engine, KEYS));
        TurnClient client = client(first, ClientTransport.UDP, "127.0.0.1", new AtomicInteger());
        get(client.allocate());
        int port = first.listeners().get(0).address().getPort();
        first.close();

        RelayNode second = start(engine,
                "listeners = [{ transport = udp, host = \"127.0.0.1\", port = " + port + " }]");

        assertThat(first.allocations()).isZero();
        assertThat(second.identity().epoch()).isGreaterThan(first.identity().epoch());
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void survivesHostileDatagrams(String engine) throws Exception {
        RelayNode node = start(engine, "");
        InetSocketAddress listener = listener(node, ClientTransport.UDP, "127.0.0.1");
        TurnClient client = client(node, ClientTransport.UDP, "127.0.0.1", new AtomicInteger());
        Allocation allocation = get(client.allocate());
        get(client.createPermission(allocation.relayed()));

        Random random = new Random(20261122);
        byte[][] seeds = HostileBytes.seeds(allocation.relayed());
        try (DatagramSocket stranger = new DatagramSocket()) {
            for (int i = 0; i < 10_000; i++) {
                byte[] bytes = HostileBytes.mutate(seeds[random.nextInt(seeds.length)], random);
                if (i % 2 == 0) {
                    stranger.send(new DatagramPacket(bytes, bytes.length, listener));
                } else {
                    get(client.sendRaw(Unpooled.wrappedBuffer(bytes)));
                }
            }
        }

        assertThat(get(client.binding())).isEqualTo(client.localAddress());
        assertThat(node.allocations()).isOne();
        assertThat(metric(node, "turn_relay_dropped_packets_total{reason=\"malformed_stun\"}")).isPositive();
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void keepsAReservedPortFromOtherProgramsUntilItsTokenIsUsed(String engine) throws Exception {
        RelayNode node = start(engine, "");
        TurnClient first = client(node, ClientTransport.UDP, "127.0.0.1", new AtomicInteger());
        Allocation allocation = get(first.allocate(request -> request.add(new EvenPort(true))));
        InetSocketAddress reserved = new InetSocketAddress(allocation.relayed().getAddress(),
                allocation.relayed().getPort() + 1);
        assertThatThrownBy(() -> new DatagramSocket(reserved)).isInstanceOf(BindException.class);

        long token = allocation.reservation().orElseThrow();
        TurnClient second = client(node, ClientTransport.TCP, "127.0.0.1", new AtomicInteger());
        assertThat(get(second.allocate(request -> request.add(new ReservationToken(token)))).relayed())
                .isEqualTo(reserved);
        TurnClient third = client(node, ClientTransport.UDP, "127.0.0.1", new AtomicInteger());
        int held = get(third.allocate(request -> request.add(new EvenPort(true)))).relayed().getPort() + 1;
        node.close();
        new DatagramSocket(new InetSocketAddress(reserved.getAddress(), held)).close();
        node.close();
    }

    private RelayNode start(String engine, String overrides) throws IOException {
        return startWith(engine, overrides, KEYS);
    }

    private TurnClient client(RelayNode node, ClientTransport transport, String host, AtomicInteger received)
            throws Exception {
        return open.add(get(TurnClient.to(listener(node, transport, host)).transport(transport)
                .security(security(transport)).credentials("al", "secret")
                .onData((peer, data) -> received.incrementAndGet()).connect()));
    }

    private static ByteBuf payload(int i) {
        return Unpooled.wrappedBuffer(new byte[100 + i % 4]);
    }
}
