package io.turnpike.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.turnpike.client.Allocation;
import io.turnpike.client.ClientTransport;
import io.turnpike.client.ConnectionSecurity;
import io.turnpike.client.DataConnection;
import io.turnpike.client.StreamListener;
import io.turnpike.client.StunErrorException;
import io.turnpike.client.TcpEchoPeer;
import io.turnpike.client.TlsSecurity;
import io.turnpike.client.TurnClient;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.node.transport.ListenerAddress;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.ConnectionId;
import io.turnpike.stun.RequestedAddressFamily;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;
import io.turnpike.testing.TestAuthority;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** TCP allocations over real sockets on loopback (RFC 6062), on both socket engines. */
class TcpAllocationIT {
    private static final String PEERS = "peers.allow = [\"127.0.0.0/8\", \"::1/128\"]";
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(20);
    /** Enough of them, that some come in on another event loop than their allocation's. */
    private static final int CONNECTIONS = 8;

    @TempDir
    private Path dataDir;
    @RegisterExtension
    final OpenParts open = new OpenParts();
    private TestAuthority authority;
    private TestAuthority.PemFiles certificate;

    @BeforeEach
    void issueACertificate() throws Exception {
        authority = new TestAuthority(dataDir);
        certificate = authority.issue("relay", "127.0.0.1", "::1");
    }

    static Stream<Arguments> paths() {
        return Engines.all()
                .flatMap(engine -> Stream.of(ClientTransport.TCP, ClientTransport.TLS)
                        .flatMap(transport -> Stream.of("127.0.0.1", "::1")
                                .map(host -> Arguments.of(engine, transport, host))));
    }

    @ParameterizedTest
    @MethodSource("paths")
    void relaysBothWaysAndCountsToTheByte(String engine, ClientTransport transport, String host) throws Exception {
        RelayNode node = start(engine, PEERS);
        TurnClient client = client(node, transport, host);
        Allocation allocation = allocate(client, host);
        List<Exchange> exchanges = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            TcpEchoPeer peer = open.add(TcpEchoPeer.start(new InetSocketAddress(host, 0)));
            DataConnection data = open.add(get(client.connect(peer.address())));
            // RFC 6062 section 5.2: the connection begins at the relayed transport address.
            assertThat(peer.nextSource(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isEqualTo(allocation.relayed());
            assertThat(data.localAddress()).isNotEqualTo(client.localAddress());
            exchanges.add(new Exchange(data, new Random(i), 300_000 + i));
        }

        long bytes = 0;
        for (Exchange exchange : exchanges) {
            bytes += exchange.awaitEcho();
            exchange.finishAndAwaitEnd();
        }

        await().atMost(LONG_ENOUGH).untilAsserted(() -> assertThat(
                metric(node, "turn_relay_packets_total{direction=\"tx\",leg=\"client\"}")).isPositive());
        for (String series : List.of("direction=\"rx\",leg=\"client\"", "direction=\"tx\",leg=\"peer\"",
                "direction=\"rx\",leg=\"peer\"", "direction=\"tx\",leg=\"client\"")) {
            assertThat(metric(node, "turn_relay_bytes_total{" + series + "}")).as(series).isEqualTo(bytes);
        }
    }

    @ParameterizedTest
    @MethodSource("paths")
    void letsPeersWithAPermissionIn(String engine, ClientTransport transport, String host) throws Exception {
        RelayNode node = start(engine, PEERS);
        TurnClient client = client(node, transport, host);
        Allocation allocation = allocate(client, host);
        BlockingQueue<Attempt> attempts = new LinkedBlockingQueue<>();
        get(client.onConnectionAttempt((peer, id) -> attempts.add(new Attempt(peer, id))));
        get(client.createPermission(new InetSocketAddress(host, 9)));
        TcpEchoPeer peer = open.add(TcpEchoPeer.start(new InetSocketAddress(host, 0)));

        for (int i = 0; i < CONNECTIONS; i++) {
            peer.connectTo(allocation.relayed());
            Attempt attempt = attempts.poll(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
            assertThat(attempt.peer().getAddress()).isEqualTo(peer.address().getAddress());
            DataConnection data = open.add(get(client.accept(attempt.id())));
            Exchange exchange = new Exchange(data, new Random(i), 50_000);
            exchange.awaitEcho();
            exchange.finishAndAwaitEnd();
        }
        assertThat(attempts).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void closesAPeerWithoutPermissionAtOnceAndTellsTheClientNothing(String engine) throws Exception {
        RelayNode node = start(engine, PEERS);
        TurnClient client = client(node, ClientTransport.TCP, "127.0.0.1");
        Allocation allocation = get(client.allocateTcp());
        BlockingQueue<Attempt> attempts = new LinkedBlockingQueue<>();
        get(client.onConnectionAttempt((peer, id) -> attempts.add(new Attempt(peer, id))));

        try (Socket stranger = connected(allocation.relayed())) {
            assertThat(endOf(stranger)).isTrue();
        }

        get(client.binding());
        assertThat(attempts).isEmpty();
        assertThat(metric(node, "turn_relay_dropped_packets_total{reason=\"peer_without_permission\"}")).isOne();
    }

    /** RFC 6062 section 4.3: what follows the ConnectionBind is the peer's, even in the same segment; the end as well. */
    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void keepsBytesInOrderThatWereSentWithTheConnectionBind(String engine) throws Exception {
        RelayNode node = start(engine, PEERS);
        TurnClient client = client(node, ClientTransport.TCP, "127.0.0.1");
        get(client.allocateTcp());
        for (int i = 0; i < CONNECTIONS; i++) {
            try (ServerSocket peer = new ServerSocket(0, 1, new InetSocketAddress("127.0.0.1", 0).getAddress())) {
                int id = get(client.requestConnection((InetSocketAddress) peer.getLocalSocketAddress()));
                TurnClient data = client(node, ClientTransport.TCP, "127.0.0.1");
                // Learns a nonce.
                get(data.signedRequest(StunMethod.CONNECTION_BIND, request -> request.add(new ConnectionId(id ^ 2))));
                byte[] early = new byte[5000];
                new Random(i).nextBytes(early);
                ByteBuf segment = Unpooled.buffer();
                get(data.onData((from, bytes) -> {}));
                CompletableFuture<Void> sent = new CompletableFuture<>();
                data.onConnectionAttempt((from, none) -> {}).thenRun(() -> {
                    StunMessageBuilder bind = new StunMessageBuilder().begin(segment, StunMethod.CONNECTION_BIND,
                            StunClass.REQUEST, new TransactionId(7, 9)).add(new ConnectionId(id));
                    data.sign(bind);
                    segment.writeBytes(early);
                    data.sendRaw(segment).thenRun(() -> sent.complete(null));
                });
                get(sent);
                try (Socket accepted = peer.accept()) {
                    accepted.setSoTimeout((int) LONG_ENOUGH.toMillis());
                    assertThat(accepted.getInputStream().readNBytes(early.length)).isEqualTo(early);
                    data.close();
                    assertThat(accepted.getInputStream().read()).isEqualTo(-1);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void passesTheEndOfOneDirectionOnAndKeepsTheOther(String engine) throws Exception {
        RelayNode node = start(engine, PEERS);
        TurnClient client = client(node, ClientTransport.TCP, "127.0.0.1");
        get(client.allocateTcp());
        try (ServerSocket listener = new ServerSocket(0, 1, new InetSocketAddress("127.0.0.1", 0).getAddress())) {
            DataConnection data = open.add(get(client.connect((InetSocketAddress) listener.getLocalSocketAddress())));
            Received received = new Received();
            data.onBytes(received);
            try (Socket peer = listener.accept()) {
                peer.setSoTimeout((int) LONG_ENOUGH.toMillis());
                peer.getOutputStream().write(new byte[1000]);
                peer.shutdownOutput();
                get(data.ended());
                assertThat(received.bytes()).hasSize(1000);
                get(data.send(Unpooled.wrappedBuffer(new byte[2000])));
                assertThat(peer.getInputStream().readNBytes(2000)).hasSize(2000);
                get(data.finish());
                assertThat(peer.getInputStream().read()).isEqualTo(-1);
            }
            get(data.closed());
        }
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void passesAResetOnInBothDirections(String engine) throws Exception {
        RelayNode node = start(engine, PEERS);
        TurnClient client = client(node, ClientTransport.TCP, "127.0.0.1");
        get(client.allocateTcp());
        TcpEchoPeer echo = open.add(TcpEchoPeer.start(new InetSocketAddress("127.0.0.1", 0)));
        DataConnection cut = open.add(get(client.connect(echo.address())));
        new Exchange(cut, new Random(1), 100).awaitEcho();
        echo.resetAll();
        get(cut.closed());
        assertThat(cut.ended()).isCompletedExceptionally();

        try (ServerSocket listener = new ServerSocket(0, 1, new InetSocketAddress("127.0.0.1", 0).getAddress())) {
            DataConnection data = get(client.connect((InetSocketAddress) listener.getLocalSocketAddress()));
            try (Socket peer = listener.accept()) {
                peer.setSoTimeout((int) LONG_ENOUGH.toMillis());
                data.abort();
                assertThatThrownBy(() -> peer.getInputStream().read())
                        .isInstanceOf(SocketException.class);
            }
        }
    }

    /** Where the client does not read, the peer's window closes: nothing piles up in the relay, and nothing is lost. */
    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void holdsASenderBackWhileTheReceiverIsSlow(String engine) throws Exception {
        RelayNode node = start(engine, PEERS);
        TurnClient client = client(node, ClientTransport.TCP, "127.0.0.1");
        get(client.allocateTcp());
        long total = 64L << 20;
        AtomicLong written = new AtomicLong();
        try (ServerSocket listener = new ServerSocket(0, 1, new InetSocketAddress("127.0.0.1", 0).getAddress())) {
            DataConnection data = open.add(get(client.connect((InetSocketAddress) listener.getLocalSocketAddress())));
            Socket peer = open.add(listener.accept());
            Thread sender = new Thread(() -> sendAll(peer, total, written));
            sender.start();
            // Bytes in flight stand still when every buffer between the two is full.
            await().atMost(LONG_ENOUGH).during(Duration.ofSeconds(1)).until(() -> {
                long before = written.get();
                return before > 0 && before == written.get();
            });
            assertThat(written).hasValueLessThan(total / 2);
            assertThat(metric(node, "turn_relay_bytes_total{direction=\"rx\",leg=\"peer\"}")).isLessThan(total / 2);

            Counting counting = new Counting();
            data.onBytes(counting);
            get(data.ended());
            assertThat(counting.bytes).hasValue(total);
            await().atMost(LONG_ENOUGH).untilAsserted(() -> assertThat(
                    metric(node, "turn_relay_bytes_total{direction=\"tx\",leg=\"client\"}")).isEqualTo(total));
        }
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void resetsASlowReaderWhenTheAllocationEnds(String engine) throws Exception {
        RelayNode node = start(engine, PEERS);
        TurnClient client = client(node, ClientTransport.TCP, "127.0.0.1");
        get(client.allocateTcp());
        AtomicLong written = new AtomicLong();
        try (ServerSocket listener = new ServerSocket(0, 1, new InetSocketAddress("127.0.0.1", 0).getAddress())) {
            DataConnection data = open.add(get(client.connect((InetSocketAddress) listener.getLocalSocketAddress())));
            Socket peer = open.add(listener.accept());
            new Thread(() -> {
                try {
                    sendAll(peer, 64L << 20, written);
                } catch (UncheckedIOException e) {
                    // The relay closes the connection before all is sent.
                }
            }).start();
            await().atMost(LONG_ENOUGH).during(Duration.ofSeconds(1)).until(() -> {
                long before = written.get();
                return before > 0 && before == written.get();
            });

            get(client.release());
            data.onBytes(new Counting());

            get(data.closed());
            assertThat(data.ended()).isCompletedExceptionally();
        }
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void closesTheDataConnectionsWithTheAllocation(String engine) throws Exception {
        RelayNode node = start(engine, PEERS);
        TcpEchoPeer peer = open.add(TcpEchoPeer.start(new InetSocketAddress("127.0.0.1", 0)));
        TurnClient released = client(node, ClientTransport.TCP, "127.0.0.1");
        get(released.allocateTcp());
        DataConnection first = open.add(get(released.connect(peer.address())));
        first.onBytes(new Received());
        get(released.release());
        get(first.ended());

        TurnClient lost = client(node, ClientTransport.TCP, "127.0.0.1");
        Allocation allocation = get(lost.allocateTcp());
        DataConnection second = open.add(get(lost.connect(peer.address())));
        second.onBytes(new Received());
        lost.close();
        get(second.ended());
        await().atMost(LONG_ENOUGH).until(() -> peer.connections() == 0 && node.allocations() == 0);
        assertThatThrownBy(() -> connected(allocation.relayed()).close())
                .isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void letsTwoRelayedClientsMeetThoughTheirRangeIsDenied(String engine) throws Exception {
        RelayNode node = start(engine, "");
        TurnClient caller = client(node, ClientTransport.TCP, "127.0.0.1");
        TurnClient callee = client(node, ClientTransport.TCP, "127.0.0.1");
        Allocation from = get(caller.allocateTcp());
        Allocation to = get(callee.allocateTcp());
        get(callee.createPermission(from.relayed()));
        CompletableFuture<DataConnection> accepted = new CompletableFuture<>();
        get(callee.onConnectionAttempt((peer, id) -> {
            assertThat(peer).isEqualTo(from.relayed());
            callee.accept(id).thenAccept(accepted::complete);
        }));

        DataConnection out = open.add(get(caller.connect(to.relayed())));
        DataConnection in = open.add(get(accepted));
        Received received = new Received();
        in.onBytes(received);
        byte[] bytes = new byte[100_000];
        new Random(3).nextBytes(bytes);
        get(out.send(Unpooled.copiedBuffer(bytes)));
        get(out.finish());
        get(in.ended());
        assertThat(received.bytes()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void answersRefusedAndForbiddenPeers(String engine) throws Exception {
        RelayNode node = start(engine, PEERS);
        TurnClient client = client(node, ClientTransport.TCP, "127.0.0.1");
        Allocation allocation = get(client.allocateTcp());
        InetSocketAddress nobody;
        try (ServerSocket gone = new ServerSocket(0, 1, new InetSocketAddress("127.0.0.1", 0).getAddress())) {
            nobody = (InetSocketAddress) gone.getLocalSocketAddress();
        }

        assertThat(connectError(client, nobody)).isEqualTo(447);
        assertThat(connectError(client, allocation.relayed())).isEqualTo(403);
        assertThat(connectError(client, listener(node, ClientTransport.TCP, "127.0.0.1"))).isEqualTo(403);
        TcpEchoPeer peer = open.add(TcpEchoPeer.start(new InetSocketAddress("127.0.0.1", 0)));
        get(client.requestConnection(peer.address()));
        assertThat(connectError(client, peer.address())).isEqualTo(446);
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void refusesAPortThatAnotherRelayListensOn(String engine) throws Exception {
        RelayNode first = start(engine, "relay { port-min = 50100, port-max = 50100 }");
        RelayNode second = start(engine, "relay { port-min = 50100, port-max = 50100 }");
        get(client(first, ClientTransport.TCP, "127.0.0.1").allocateTcp());

        TurnClient other = client(second, ClientTransport.TCP, "127.0.0.1");
        assertThat(errorOf(other.allocateTcp())).isEqualTo(508);
    }

    private static int connectError(TurnClient client, InetSocketAddress peer) throws Exception {
        return errorOf(client.requestConnection(peer));
    }

    private static int errorOf(CompletableFuture<?> answer) throws Exception {
        try {
            get(answer);
            return 0;
        } catch (ExecutionException e) {
            return ((StunErrorException) e.getCause()).code();
        }
    }

    private static void sendAll(Socket peer, long total, AtomicLong written) {
        byte[] chunk = new byte[1 << 16];
        try {
            OutputStream out = peer.getOutputStream();
            while (written.get() < total) {
                out.write(chunk);
                written.addAndGet(chunk.length);
            }
            peer.shutdownOutput();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Socket connected(InetSocketAddress address) throws IOException {
        Socket socket = new Socket();
        socket.connect(address);
        socket.setSoTimeout((int) LONG_ENOUGH.toMillis());
        return socket;
    }

    /** Whether the other end is gone, with or without a reset. */
    private static boolean endOf(Socket socket) throws IOException {
        try {
            InputStream in = socket.getInputStream();
            return in.read() == -1;
        } catch (SocketException e) {
            return true;
        }
    }

    private record Attempt(InetSocketAddress peer, int id) {}

    /** Sends random bytes to an echo, and compares what comes back. */
    private static final class Exchange {
        private final Received received = new Received();
        private final DataConnection data;
        private final byte[] sent;

        Exchange(DataConnection data, Random random, int bytes) {
            this.data = data;
            sent = new byte[bytes];
            random.nextBytes(sent);
            data.onBytes(received);
            for (int at = 0; at < bytes; at += 10_000) {
                data.send(Unpooled.copiedBuffer(sent, at, Math.min(10_000, bytes - at)));
            }
        }

        int awaitEcho() {
            await().atMost(LONG_ENOUGH).until(() -> received.size() >= sent.length);
            assertThat(received.bytes()).isEqualTo(sent);
            assertThat(data.sentBytes()).isEqualTo(sent.length);
            assertThat(data.receivedBytes()).isEqualTo(sent.length);
            return sent.length;
        }

        void finishAndAwaitEnd() throws Exception {
            get(data.finish());
            get(data.ended());
            get(data.closed());
        }
    }

    private static final class Received implements StreamListener {
        private final ByteArrayOutputStream all = new ByteArrayOutputStream();

        @Override
        public synchronized void onBytes(ByteBuf bytes) {
            byte[] next = new byte[bytes.readableBytes()];
            bytes.readBytes(next);
            all.writeBytes(next);
        }

        synchronized int size() {
            return all.size();
        }

        synchronized byte[] bytes() {
            return all.toByteArray();
        }
    }

    private static final class Counting implements StreamListener {
        private final AtomicLong bytes = new AtomicLong();

        @Override
        public void onBytes(ByteBuf next) {
            bytes.addAndGet(next.readableBytes());
        }
    }

    private static Allocation allocate(TurnClient client, String host) throws Exception {
        AddressFamily family = AddressFamily.of(new InetSocketAddress(host, 1).getAddress());
        return get(client.allocateTcp(request -> request.add(new RequestedAddressFamily(family))));
    }

    private RelayNode start(String engine, String overrides) throws IOException {
        return open.add(RelayNode.start(RelayConfig.load(ConfigFactory.parseString(overrides)
                .withFallback(ConfigFactory.parseString("""
                        node { id = n1, data-dir = "%s" }
                        transport = %s
                        event-loops = 3
                        default-tenant = demo
                        kafka.enabled = false
                        quota.default.mode = OFF
                        auth.users = [{ tenant = demo, user = al, password = secret }]
                        relay { ipv4 = "127.0.0.1", ipv6 = "::1" }
                        admin { host = "127.0.0.1", port = 0 }
                        listeners = [
                          { transport = tcp, host = "127.0.0.1", port = 0 }
                          { transport = tcp, host = "::1", port = 0 }
                          { transport = tls, host = "127.0.0.1", port = 0 }
                          { transport = tls, host = "::1", port = 0 }
                        ]
                        tls { certificate = "%s", private-key = "%s" }
                        """.formatted(dataDir.resolve("node" + open.size()), engine, certificate.certificate(),
                        certificate.privateKey()))))));
    }

    private TurnClient client(RelayNode node, ClientTransport transport, String host) throws Exception {
        ConnectionSecurity security = transport == ClientTransport.TLS
                ? TlsSecurity.trusting(authority.file())
                : ConnectionSecurity.NONE;
        return open.add(get(TurnClient.to(listener(node, transport, host)).transport(transport).security(security)
                .credentials("al", "secret").connect()));
    }

    private static InetSocketAddress listener(RelayNode node, ClientTransport transport, String host) {
        boolean ipv6 = host.contains(":");
        return node.listeners().stream().filter(each -> each.transport().name().equals(transport.name()))
                .map(ListenerAddress::address).filter(each -> each.getAddress() instanceof Inet6Address == ipv6)
                .findFirst().orElseThrow();
    }

    private static long metric(RelayNode node, String series) throws Exception {
        String url = "http://127.0.0.1:" + node.adminAddress().getPort() + "/metrics";
        String text = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString()).body();
        return text.lines().filter(line -> line.startsWith(series)).findFirst()
                .map(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).orElseThrow();
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
    }
}
