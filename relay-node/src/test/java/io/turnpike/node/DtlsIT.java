package io.turnpike.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.turnpike.client.ClientTransport;
import io.turnpike.client.ConnectionSecurity;
import io.turnpike.client.DtlsSecurity;
import io.turnpike.client.EchoPeer;
import io.turnpike.client.TurnClient;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.node.transport.dtls.Hellos;
import io.turnpike.testing.TestAuthority;
import io.turnpike.testing.ForeignTools;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** DTLS of a whole node over real sockets: foreign clients, handshakes that go wrong, and hostile ones. */
class DtlsIT {
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(30);
    private static final byte HANDSHAKE = 22;
    private static final Path UCLIENT = Path.of("/usr/bin/turnutils_uclient");
    private static final Path OPENSSL = Path.of("/usr/bin/openssl");

    @TempDir
    private Path folder;
    @RegisterExtension
    final OpenParts open = new OpenParts();
    private TestAuthority authority;
    private TestAuthority.PemFiles certificate;

    @BeforeEach
    void makeCertificate() throws IOException {
        authority = new TestAuthority(folder);
        certificate = authority.issue("relay", "127.0.0.1", "localhost");
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void relaysForCoturnsClientOverOpenssl(String engine) throws Exception {
        ForeignTools.require("DtlsIT", "coturn", UCLIENT);
        RelayNode node = start(engine, "");
        EchoPeer peer = open.add(EchoPeer.start(new InetSocketAddress("127.0.0.1", 0)));

        String said = run(UCLIENT.toString(), "-S", "-u", "al", "-w", "secret", "-e", "127.0.0.1", "-r",
                Integer.toString(peer.address().getPort()), "-n", "50", "-m", "2", "-l", "170", "-c", "-X", "-z", "5",
                "-p", Integer.toString(port(node)), "127.0.0.1");

        assertThat(said).contains("tot_send_msgs=100, tot_recv_msgs=100");
        assertThat(peer.receivedPackets()).isEqualTo(100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa", "ec"})
    void showsOpensslACertificateOfEitherKind(String kind) throws Exception {
        ForeignTools.require("DtlsIT", "openssl", OPENSSL);
        if (kind.equals("rsa")) {
            certificate = authority.issue("rsa", "RSA", Duration.ofDays(1), "127.0.0.1");
        }
        RelayNode node = start("auto", "");

        String said = run(OPENSSL.toString(), "s_client", "-dtls1_2", "-connect", "127.0.0.1:" + port(node), "-CAfile",
                authority.file().toString(), "-verify_ip", "127.0.0.1", "-verify_return_error", "-alpn", "stun.turn");

        assertThat(said).contains("Verify return code: 0 (ok)", "ALPN protocol: stun.turn", "DTLSv1.2",
                "Extended master secret: yes").containsPattern("AES(128|256)-GCM");
        await().atMost(LONG_ENOUGH).untilAsserted(() -> assertThat(handshakesFailed(node)).isZero());
    }

    @Test
    void refusesAnApplicationProtocolThatIsNotItsOwn() throws Exception {
        ForeignTools.require("DtlsIT", "openssl", OPENSSL);
        RelayNode node = start("auto", "");

        String said = run(OPENSSL.toString(), "s_client", "-dtls1_2", "-connect", "127.0.0.1:" + port(node), "-alpn",
                "h2");

        assertThat(said).contains("alert no application protocol");
        await().atMost(LONG_ENOUGH).untilAsserted(() -> assertThat(handshakesFailed(node)).isOne());
    }

    @Test
    void refusesVersionsBefore12() throws Exception {
        ForeignTools.require("DtlsIT", "openssl", OPENSSL);
        RelayNode node = start("auto", "");

        String said = run(OPENSSL.toString(), "s_client", "-dtls1", "-cipher", "ALL:@SECLEVEL=0", "-connect",
                "127.0.0.1:" + port(node));

        assertThat(said).contains("alert protocol version");
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void servesUdpAndDtlsOnOnePort(String engine) throws Exception {
        RelayNode node = start(engine, "");
        TurnClient plain = client(node, ClientTransport.UDP, ConnectionSecurity.NONE);
        TurnClient secure = client(node, ClientTransport.DTLS, DtlsSecurity.trusting(authority.file()));

        assertThat(get(plain.binding())).isEqualTo(plain.localAddress());
        assertThat(get(secure.binding())).isEqualTo(secure.localAddress());
        get(plain.allocate());
        get(secure.allocate());
        assertThat(node.allocations()).isEqualTo(2);

        secure.close();
        await().atMost(LONG_ENOUGH).until(() -> node.allocations() == 1);
        assertThat(get(plain.refresh(Duration.ofSeconds(600)))).isEqualTo(Duration.ofSeconds(600));
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void relaysEmptyDatagramsAndTheLargestThatARecordHolds(String engine) throws Exception {
        RelayNode node = start(engine, "");
        EchoPeer peer = open.add(EchoPeer.start(new InetSocketAddress("127.0.0.1", 0)));
        BlockingQueue<Integer> received = new LinkedBlockingQueue<>();
        TurnClient client = open.add(get(TurnClient.to(address(node)).transport(ClientTransport.DTLS)
                .security(DtlsSecurity.trusting(authority.file())).credentials("al", "secret")
                .onData((from, data) -> received.add(data.readableBytes())).connect()));
        get(client.allocate());
        get(client.channelBind(0x4000, peer.address()));
        int largest = (1 << 14) - 4;

        for (int size : new int[]{1, 0, 1_200, largest}) {
            get(client.channelData(0x4000, Unpooled.wrappedBuffer(new byte[size])));
            assertThat(received.poll(10, TimeUnit.SECONDS)).isEqualTo(size);
        }
        assertThat(client.counters().relayToClient().wireBytes()).isEqualTo(
                metric(node, "turn_relay_bytes_total{direction=\"tx\",leg=\"client\"}"));
    }

    @Test
    void dropsAndDoesNotBillWhatNoRecordHolds() throws Exception {
        RelayNode node = start("auto", "");
        TurnClient client = client(node, ClientTransport.DTLS, DtlsSecurity.trusting(authority.file()));
        InetSocketAddress relayed = get(client.allocate()).relayed();
        DatagramSocket peer = open.add(new DatagramSocket(new InetSocketAddress("127.0.0.1", 0)));
        get(client.channelBind(0x4000, (InetSocketAddress) peer.getLocalSocketAddress()));

        peer.send(new DatagramPacket(new byte[1 << 14], 1 << 14, relayed));

        await().atMost(LONG_ENOUGH).untilAsserted(() -> assertThat(dropped(node, "oversized")).isOne());
        assertThat(metric(node, "turn_relay_bytes_total{direction=\"tx\",leg=\"client\"}")).isZero();
        assertThat(client.isOpen()).isTrue();
    }

    @Test
    void clientRefusesACertificateForAnotherHost() throws Exception {
        certificate = authority.issue("other", "192.0.2.1");
        RelayNode node = start("auto", "");

        assertThatThrownBy(() -> client(node, ClientTransport.DTLS, DtlsSecurity.trusting(authority.file())))
                .hasStackTraceContaining("127.0.0.1");
        await().atMost(LONG_ENOUGH).untilAsserted(() -> assertThat(handshakesFailed(node)).isOne());
        client(node, ClientTransport.DTLS, DtlsSecurity.insecure());
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void beginsAHandshakeWithWhoeverShowsItsCookieAlsoInFragments(String engine) throws Exception {
        RelayNode node = start(engine, "");
        for (int fragmentBytes : new int[]{4_000, 60, 53}) {
            DatagramSocket client = socket();
            byte[] random = Hellos.random(fragmentBytes);
            byte[] cookie = Hellos.cookie(exchange(client, node, Hellos.first(random)));
            for (byte[] datagram : Hellos.fragments(random, cookie, fragmentBytes)) {
                send(client, node, datagram);
            }
            assertServerHello(receive(client));
        }
    }

    @Test
    void answersNothingToRecordsFromNobodyAndToHellosThatAreNone() throws Exception {
        RelayNode node = start("auto", "");
        DatagramSocket stranger = socket();
        stranger.setSoTimeout(300);
        byte[] hello = Hellos.first(Hellos.random(1));

        send(stranger, node, Hellos.record(23, 1, 5, new byte[40]));
        send(stranger, node, Hellos.record(22, 1, 0, new byte[40]));
        send(stranger, node, Hellos.record(21, 0, 0, new byte[]{2, 40}));
        send(stranger, node, new byte[]{22});
        send(stranger, node, Arrays.copyOf(hello, hello.length - 1));
        byte[] second = Hellos.fragments(Hellos.random(1), new byte[16], 60)[1];
        send(stranger, node, second);

        await().atMost(LONG_ENOUGH).untilAsserted(() -> {
            assertThat(dropped(node, "dtls_unknown_association")).isEqualTo(5);
            assertThat(dropped(node, "dtls_record_refused")).isOne();
        });
        assertThatThrownBy(() -> receive(stranger)).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void boundsHandshakesOfOneNetwork() throws Exception {
        RelayNode node = start("auto", "dtls.max-handshakes-per-network = 2, tls.handshake-timeout = 2m");
        for (int i = 0; i < 2; i++) {
            shake(node, i);
        }
        DatagramSocket third = socket();
        byte[] random = Hellos.random(3);
        byte[] cookie = Hellos.cookie(exchange(third, node, Hellos.first(random)));
        send(third, node, Hellos.second(random, cookie));

        await().atMost(LONG_ENOUGH).untilAsserted(() -> assertThat(dropped(node, "too_many_handshakes")).isOne());
    }

    @Test
    void givesUpHandshakesThatDoNotEndInTime() throws Exception {
        RelayNode node = start("auto", "dtls.max-handshakes-per-network = 1, tls.handshake-timeout = 1s");
        shake(node, 1);

        await().atMost(LONG_ENOUGH).untilAsserted(() -> assertThat(handshakesFailed(node)).isOne());
        TurnClient client = client(node, ClientTransport.DTLS, DtlsSecurity.trusting(authority.file()));
        assertThat(get(client.binding())).isEqualTo(client.localAddress());
    }

    @Test
    void boundsAssociationsWithoutAllocation() throws Exception {
        RelayNode node = start("auto", "dtls.max-newcomers = 1, dtls.max-newcomers-per-network = 1");
        TurnClient first = client(node, ClientTransport.DTLS, DtlsSecurity.trusting(authority.file()));
        DatagramSocket second = socket();
        byte[] random = Hellos.random(1);
        byte[] cookie = Hellos.cookie(exchange(second, node, Hellos.first(random)));
        send(second, node, Hellos.second(random, cookie));
        await().atMost(LONG_ENOUGH).untilAsserted(() -> assertThat(dropped(node, "too_many_connections")).isOne());

        get(first.allocate());
        client(node, ClientTransport.DTLS, DtlsSecurity.trusting(authority.file()));
    }

    @Test
    void letsAClientThatLostItsKeysMakeNewOnesFromTheSamePort() throws Exception {
        RelayNode node = start("auto", "");
        DatagramSocket reserved = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));
        InetSocketAddress local = (InetSocketAddress) reserved.getLocalSocketAddress();
        reserved.close();
        EventLoopGroup machine = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        TurnClient before = from(node, local, machine);
        get(before.allocate());
        // Its machine stops: no word is said.
        machine.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();

        TurnClient after = from(node, local, null);

        assertThat(get(after.binding())).isEqualTo(local);
        get(after.allocate());
        assertThat(node.allocations()).isOne();
    }

    @Test
    void keepsTheAssociationWhateverIsSentInItsName() throws Exception {
        RelayNode node = start("auto", "");
        Middle middle = open.add(new Middle(address(node)));
        TurnClient client = through(middle);
        get(client.allocate());
        EchoPeer peer = open.add(EchoPeer.start(new InetSocketAddress("127.0.0.1", 0)));
        get(client.channelBind(0x4000, peer.address()));
        get(client.channelData(0x4000, Unpooled.wrappedBuffer(new byte[100])));
        await().atMost(LONG_ENOUGH).until(() -> peer.receivedPackets() == 1);

        // Alerts and records that nobody has signed, another hello, and everything that the client has ever sent.
        middle.toRelay(Hellos.record(21, 0, 99, new byte[]{2, 40}));
        middle.toRelay(Hellos.record(21, 1, 99, new byte[]{1, 0}));
        middle.toRelay(Hellos.record(23, 1, 1L << 40, new byte[64]));
        middle.toRelay(Hellos.record(22, 0, 99, new byte[40]));
        middle.toRelay(Hellos.first(Hellos.random(1)));
        middle.toRelay(Hellos.second(Hellos.random(1), new byte[16]));
        List<byte[]> sent = middle.sentByClient();
        for (byte[] datagram : sent) {
            middle.toRelay(datagram);
        }

        assertThat(get(client.binding())).isEqualTo(middle.address());
        assertThat(node.allocations()).isOne();
        assertThat(peer.receivedPackets()).isOne();
        assertThat(dropped(node, "dtls_record_refused")).isGreaterThanOrEqualTo(6);
    }

    @Test
    void saysNothingOfAHandshakeThatTheClientHasBegunAnew() throws Exception {
        RelayNode node = start("auto", "tls.handshake-timeout = 2m");
        DatagramSocket client = socket();
        client.setSoTimeout(2_000);
        beginHandshake(client, node, 1);

        beginHandshake(client, node, 2);

        // An alert of the first one would end the second: it is not encrypted, so nobody can tell them apart.
        assertThatThrownBy(() -> {
            while (true) {
                assertThat(receive(client)[0]).isEqualTo(HANDSHAKE);
            }
        }).isInstanceOf(SocketTimeoutException.class);
    }

    /** As far as the first message of the server's flight; what else comes is left in the socket. */
    private void beginHandshake(DatagramSocket client, RelayNode node, int seed) throws IOException {
        byte[] random = Hellos.random(seed);
        send(client, node, Hellos.first(random));
        byte[] cookie = Hellos.cookie(receiveMessage(client, 3));
        send(client, node, Hellos.second(random, cookie));
        assertServerHello(receiveMessage(client, 2));
    }

    private static byte[] receiveMessage(DatagramSocket client, int type) throws IOException {
        byte[] datagram = receive(client);
        while (datagram[13] != type) {
            assertThat(datagram[0]).isEqualTo(HANDSHAKE);
            datagram = receive(client);
        }
        return datagram;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 7, 9})
    void shakesHandsAlthoughDatagramsAreLost(int number) throws Exception {
        RelayNode node = start("auto", "tls.handshake-timeout = 60s");
        Middle middle = open.add(new Middle(address(node)));
        middle.lose(number);

        TurnClient client = through(middle);

        get(client.allocate());
        assertThat(node.allocations()).isOne();
    }

    private TurnClient through(Middle middle) throws Exception {
        return open.add(get(TurnClient.to(middle.address()).transport(ClientTransport.DTLS)
                .security(DtlsSecurity.trusting(authority.file())).credentials("al", "secret").connect()));
    }

    /** Stands between a client and the relay: sees, loses, repeats and forges. */
    private static final class Middle implements AutoCloseable {
        private final DatagramSocket socket = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));
        private final InetSocketAddress relay;
        private final List<byte[]> sentByClient = new ArrayList<>();
        private volatile InetSocketAddress client;
        private volatile int lost = -1;
        private int passed;

        Middle(InetSocketAddress relay) throws IOException {
            this.relay = relay;
            Thread thread = new Thread(this::forward);
            thread.setDaemon(true);
            thread.start();
        }

        InetSocketAddress address() {
            return (InetSocketAddress) socket.getLocalSocketAddress();
        }

        /** Loses the datagram with this number, counted in both directions from 1, and the one after it. */
        void lose(int number) {
            lost = number;
        }

        void toRelay(byte[] datagram) throws IOException {
            socket.send(new DatagramPacket(datagram, datagram.length, relay));
        }

        List<byte[]> sentByClient() {
            synchronized (sentByClient) {
                return List.copyOf(sentByClient);
            }
        }

        private void forward() {
            byte[] buffer = new byte[65_536];
            try {
                while (true) {
                    DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                    socket.receive(packet);
                    byte[] datagram = Arrays.copyOf(buffer, packet.getLength());
                    boolean fromRelay = packet.getSocketAddress().equals(relay);
                    if (!fromRelay) {
                        client = (InetSocketAddress) packet.getSocketAddress();
                        synchronized (sentByClient) {
                            sentByClient.add(datagram);
                        }
                    }
                    passed++;
                    if (passed != lost && passed != lost + 1) {
                        socket.send(new DatagramPacket(datagram, datagram.length, fromRelay ? client : relay));
                    }
                }
            } catch (IOException e) {
                // It was closed.
            }
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    private void shake(RelayNode node, int seed) throws IOException {
        DatagramSocket client = socket();
        byte[] random = Hellos.random(seed);
        byte[] cookie = Hellos.cookie(exchange(client, node, Hellos.first(random)));
        assertServerHello(exchange(client, node, Hellos.second(random, cookie)));
    }

    private static void assertServerHello(byte[] datagram) {
        assertThat(datagram).startsWith(22, 0xFE, 0xFD);
        assertThat(datagram[13]).isEqualTo((byte) 2);
    }

    private TurnClient from(RelayNode node, InetSocketAddress local, EventLoopGroup loops) throws Exception {
        return open.add(
                get(TurnClient.to(address(node)).transport(ClientTransport.DTLS).localAddress(local).eventLoops(loops)
                        .security(DtlsSecurity.trusting(authority.file())).credentials("al", "secret").connect()));
    }

    private TurnClient client(RelayNode node, ClientTransport transport, ConnectionSecurity security)
            throws Exception {
        return open.add(get(TurnClient.to(address(node)).transport(transport).security(security)
                .credentials("al", "secret").connect()));
    }

    private DatagramSocket socket() throws IOException {
        DatagramSocket socket = open.add(new DatagramSocket(new InetSocketAddress("127.0.0.1", 0)));
        socket.setSoTimeout((int) LONG_ENOUGH.toMillis());
        return socket;
    }

    private static byte[] exchange(DatagramSocket socket, RelayNode node, byte[] datagram) throws IOException {
        send(socket, node, datagram);
        return receive(socket);
    }

    private static void send(DatagramSocket socket, RelayNode node, byte[] datagram) throws IOException {
        socket.send(new DatagramPacket(datagram, datagram.length, address(node)));
    }

    private static byte[] receive(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[2_048], 2_048);
        socket.receive(packet);
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile()).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).as(said).isTrue();
        return said;
    }

    private RelayNode start(String engine, String overrides) throws IOException {
        Config config = ConfigFactory.parseString(overrides).withFallback(ConfigFactory.parseString("""
                node { id = n1, data-dir = "%s" }
                transport = %s
                event-loops = 2
                default-tenant = demo
                tenants = [{ id = demo, channel-numbers = rfc5766 }]
                kafka.enabled = false
                quota.default.mode = OFF
                auth.users = [{ tenant = demo, user = al, password = secret }]
                relay { ipv4 = "127.0.0.1" }
                peers.allow = ["127.0.0.0/8"]
                admin { host = "127.0.0.1", port = 0 }
                listeners = [{ transport = "udp+dtls", host = "127.0.0.1", port = 0 }]
                tls { certificate = "%s", private-key = "%s" }
                """.formatted(folder.resolve("node" + open.size()), engine, certificate.certificate(),
                certificate.privateKey())));
        return open.add(RelayNode.start(RelayConfig.load(config)));
    }

    private static InetSocketAddress address(RelayNode node) {
        return node.listeners().get(0).address();
    }

    private static int port(RelayNode node) {
        return address(node).getPort();
    }

    private static long handshakesFailed(RelayNode node) throws Exception {
        return dropped(node, "tls_handshake_failed");
    }

    private static long dropped(RelayNode node, String reason) throws Exception {
        return metric(node, "turn_relay_dropped_packets_total{reason=\"" + reason + "\"}");
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
