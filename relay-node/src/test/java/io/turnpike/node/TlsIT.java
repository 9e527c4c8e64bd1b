package io.turnpike.node;

import static io.turnpike.node.Metrics.metric;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.turnpike.client.ClientTransport;
import io.turnpike.client.ConnectionSecurity;
import io.turnpike.client.EchoPeer;
import io.turnpike.client.TlsSecurity;
import io.turnpike.client.Traffic;
import io.turnpike.client.TurnClient;
import io.turnpike.node.config.RelayConfig.ListenerTransport;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.node.transport.ListenerAddress;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;
import io.turnpike.testing.TestAuthority.PemFiles;
import io.turnpike.testing.TestAuthority;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS of a whole node over real sockets, with both implementations of TLS. */
class TlsIT {
    private static final int MESSAGES = 200;
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(20);
    private static final Duration VERY_LONG = Duration.ofSeconds(80);

    @TempDir
    private Path folder;
    @RegisterExtension
    final OpenParts open = new OpenParts();
    private TestAuthority authority;
    private PemFiles certificate;

    @BeforeEach
    void makeCertificate() throws IOException {
        authority = new TestAuthority(folder);
        certificate = authority.issue("relay", "127.0.0.1", "localhost");
    }

    static Stream<Arguments> providersAndVersions() {
        return Stream.of("openssl", "jdk").flatMap(
                provider -> Stream.of("TLSv1.2", "TLSv1.3").flatMap(version -> Stream.of("EC", "RSA")
                        .map(algorithm -> Arguments.of(provider, version, algorithm))));
    }

    @ParameterizedTest
    @MethodSource("providersAndVersions")
    void countsTheBytesBeforeTls(String provider, String version, String algorithm) throws Exception {
        authority.issue("relay", algorithm, Duration.ofDays(1), "127.0.0.1");
        RelayNode node = start(provider, "");
        EchoPeer peer = open.add(EchoPeer.start(new InetSocketAddress("127.0.0.1", 0)));
        Semaphore echoed = new Semaphore(0);
        TurnClient client = open.add(get(TurnClient.to(listener(node, ListenerTransport.TLS))
                .transport(ClientTransport.TLS).security(TlsSecurity.trusting(authority.file()).versions(version))
                .credentials("al", "secret").onData((from, data) -> echoed.release()).connect()));

        get(client.allocate());
        assertThat(metric(node, "turn_relay_allocations{transport=\"tls\"}")).isOne();
        get(client.channelBind(0x4000, peer.address()));
        for (int i = 0; i < MESSAGES; i++) {
            get(client.channelData(0x4000, Unpooled.wrappedBuffer(new byte[100 + i % 4])));
            get(client.sendIndication(peer.address(), Unpooled.wrappedBuffer(new byte[20_000 + i % 4])));
            // One pair at a time: a burst of them would not fit the sockets of the peer.
            assertThat(echoed.tryAcquire(2, LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }

        Traffic sent = client.counters().clientToRelay();
        Traffic back = client.counters().relayToClient();
        assertThat(metric(node, "turn_relay_bytes_total{direction=\"rx\",leg=\"client\"}")).isEqualTo(sent.wireBytes());
        assertThat(metric(node, "turn_relay_bytes_total{direction=\"tx\",leg=\"client\"}")).isEqualTo(back.wireBytes());
        assertThat(metric(node, "turn_relay_bytes_total{direction=\"rx\",leg=\"peer\"}"))
                .isEqualTo(back.payloadBytes());
        client.close();
        await().atMost(LONG_ENOUGH).until(() -> node.allocations() == 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"openssl", "jdk"})
    void speaksTheProtocolsOfRfc7443AndNoOther(String provider) throws Exception {
        RelayNode node = start(provider, "");

        assertThat(protocol(node)).isEmpty();
        assertThat(protocol(node, "stun.turn")).isEqualTo("stun.turn");
        assertThat(protocol(node, "h2", "stun.nat-discovery")).isEqualTo("stun.nat-discovery");
        assertThatThrownBy(() -> protocol(node, "h2", "http/1.1")).isInstanceOf(SSLHandshakeException.class)
                .hasMessageContaining("no_application_protocol");
        assertThat(dropped(node, "tls_handshake_failed")).isOne();
    }

    private String protocol(RelayNode node, String... protocols) throws Exception {
        try (SSLSocket socket = connect(node, ListenerTransport.TLS)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(protocols);
            socket.setSSLParameters(parameters);
            assertIsServed(socket);
            return socket.getApplicationProtocol();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"openssl", "jdk"})
    void showsANewCertificateToNewConnectionsAndKeepsTheOldOnes(String provider) throws Exception {
        RelayNode node = start(provider, "");
        try (SSLSocket before = connect(node, ListenerTransport.TLS)) {
            X509Certificate old = certificateOf(before);

            Files.writeString(certificate.certificate(), "broken");
            await().atMost(LONG_ENOUGH).until(() -> reloads(node, "error") > 0);
            assertThat(certificateOf(node)).isEqualTo(old);
            assertThat(expiry(node)).isEqualTo(old.getNotAfter().toInstant().getEpochSecond());

            authority.issue("relay", "RSA", Duration.ofDays(3), "127.0.0.1");
            await().atMost(LONG_ENOUGH).until(() -> reloads(node, "success") > 0);
            X509Certificate shown = certificateOf(node);
            assertThat(shown.getPublicKey().getAlgorithm()).isEqualTo("RSA");
            assertThat(expiry(node)).isEqualTo(shown.getNotAfter().toInstant().getEpochSecond());
            assertIsServed(before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"openssl", "jdk"})
    void letsTheServerNameSelectCertificateAndTenant(String provider) throws Exception {
        PemFiles acme = authority.issue("acme", "turn.acme.example");
        RelayNode node = start(provider,
                """
                        tls.certificates = [{ server-names = [turn.acme.example], certificate = "%s", private-key = "%s" }]
                        tenants = [{ id = acme, server-names = [turn.acme.example] }]
                        auth.users = [{ tenant = acme, user = bo, password = acme }, { tenant = demo, user = bo, password = demo }]
                        """
                        .formatted(acme.certificate(), acme.privateKey()));

        TlsSecurity trusting = TlsSecurity.trusting(authority.file());
        get(client(node, trusting.serverName("turn.acme.example"), "bo", "acme").allocate());
        get(client(node, trusting, "bo", "demo").allocate());
        get(client(node, TlsSecurity.insecure().serverName("unknown.example"), "bo", "demo").allocate());
        // A user name that names a tenant keeps it.
        get(client(node, trusting.serverName("turn.acme.example"), "demo/bo", "demo").allocate());
        TurnClient wrong = client(node, trusting.serverName("turn.acme.example"), "bo", "demo");
        assertThatThrownBy(() -> get(wrong.allocate())).hasMessageContaining("401");
        assertThatThrownBy(() -> client(node, trusting.serverName("unknown.example"), "bo", "demo"))
                .hasCauseInstanceOf(SSLException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"openssl", "jdk"})
    void takesTheListenersTenantForUserNamesThatNameNone(String provider) throws Exception {
        RelayNode node = start(provider,
                """
                        listeners = [{ transport = tls, host = "127.0.0.1", port = 0, tenant = acme }]
                        auth.users = [{ tenant = acme, user = bo, password = acme }, { tenant = demo, user = bo, password = demo }]
                        """);

        get(client(node, TlsSecurity.insecure(), "bo", "acme").allocate());
        get(client(node, TlsSecurity.insecure(), "demo/bo", "demo").allocate());
    }

    @ParameterizedTest
    @ValueSource(strings = {"openssl", "jdk"})
    void tellsTlsFromTcpOnOnePort(String provider) throws Exception {
        RelayNode node = start(provider, "");
        InetSocketAddress both = listener(node, ListenerTransport.TCP_TLS);
        for (ClientTransport transport : List.of(ClientTransport.TCP, ClientTransport.TLS)) {
            TurnClient client = open.add(get(TurnClient.to(both).transport(transport)
                    .security(transport == ClientTransport.TLS
                            ? TlsSecurity.trusting(authority.file())
                            : ConnectionSecurity.NONE)
                    .credentials("al", "secret").connect()));
            get(client.allocate());
            String label = transport.name().toLowerCase(Locale.ROOT);
            assertThat(metric(node, "turn_relay_allocations{transport=\"" + label + "\"}")).isOne();
        }

        assertCloses(both, new byte[]{(byte) 0x80, 1, 2, 3});
        assertThat(dropped(node, "malformed_stream")).isOne();
        assertCloses(both, new byte[]{0x16, 3, 1, 0, 4, 9, 9, 9, 9});
        assertThat(dropped(node, "tls_handshake_failed")).isOne();
    }

    @ParameterizedTest
    @ValueSource(strings = {"openssl", "jdk"})
    void closesWhoeverSpeaksNoTls(String provider) throws Exception {
        RelayNode node = start(provider, "");
        InetSocketAddress tls = listener(node, ListenerTransport.TLS);

        assertCloses(tls, binding());
        assertCloses(tls, "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        // A record that claims a ClientHello beyond the bound.
        assertCloses(tls, new byte[]{0x16, 3, 1, 0, 4, 1, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF});
        assertThat(dropped(node, "tls_handshake_failed")).isEqualTo(3);
        get(client(node, TlsSecurity.insecure(), "al", "secret").allocate());
    }

    @ParameterizedTest
    @ValueSource(strings = {"openssl", "jdk"})
    void refusesASecondHandshake(String provider) throws Exception {
        RelayNode node = start(provider, "");
        try (SSLSocket socket = connect(node, ListenerTransport.TLS)) {
            socket.setEnabledProtocols(new String[]{"TLSv1.2"});
            assertIsServed(socket);

            assertThatThrownBy(() -> {
                socket.startHandshake();
                assertIsServed(socket);
            }).isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"openssl", "jdk"})
    void offersNothingWithoutForwardSecrecyNorBeforeTls12(String provider) throws Exception {
        authority.issue("relay", "RSA", Duration.ofDays(1), "127.0.0.1");
        RelayNode node = start(provider, "");
        InetSocketAddress tls = listener(node, ListenerTransport.TLS);

        // 0xC02F: ECDHE_RSA with AES-128-GCM; 0x009C: RSA key transport; 0xC013: ECDHE_RSA with CBC and SHA-1.
        assertThat(answerTo(tls, oldHello(0x0303, 0xC02F))).startsWith(22, 3, 3);
        assertThat(answerTo(tls, oldHello(0x0303, 0x009C))).startsWith(21, 3);
        assertThat(answerTo(tls, oldHello(0x0303, 0xC013))).startsWith(21, 3);
        assertThat(answerTo(tls, oldHello(0x0302, 0xC02F))).startsWith(21, 3);
        assertThat(answerTo(tls, oldHello(0x0301, 0xC013))).startsWith(21, 3);
    }

    private static byte[] answerTo(InetSocketAddress server, byte[] hello) throws IOException {
        try (Socket socket = new Socket(server.getAddress(), server.getPort())) {
            socket.setSoTimeout((int) LONG_ENOUGH.toMillis());
            socket.getOutputStream().write(hello);
            return socket.getInputStream().readNBytes(3);
        }
    }

    /** A ClientHello of TLS 1.2 at most, with one cipher suite. */
    private static byte[] oldHello(int version, int cipherSuite) {
        ByteBuf extensions = Unpooled.buffer();
        extensions.writeShort(10).writeShort(4).writeShort(2).writeShort(23); // supported_groups: secp256r1
        extensions.writeShort(11).writeShort(2).writeByte(1).writeByte(0); // ec_point_formats: uncompressed
        extensions.writeShort(13).writeShort(6).writeShort(4).writeShort(0x0401).writeShort(0x0804); // RSA with SHA-256
        extensions.writeShort(0xFF01).writeShort(1).writeByte(0); // renegotiation_info
        ByteBuf hello = Unpooled.buffer();
        hello.writeShort(version).writeZero(32).writeByte(0).writeShort(2).writeShort(cipherSuite).writeByte(1)
                .writeByte(0).writeShort(extensions.readableBytes()).writeBytes(extensions);
        ByteBuf record = Unpooled.buffer();
        record.writeByte(22).writeShort(0x0301).writeShort(hello.readableBytes() + 4).writeByte(1)
                .writeMedium(hello.readableBytes()).writeBytes(hello);
        return ByteBufUtil.getBytes(record);
    }

    @ParameterizedTest
    @ValueSource(strings = {"openssl", "jdk"})
    void boundsHandshakesInNumberAndTime(String provider) throws Exception {
        RelayNode node = start(provider,
                "tls { handshake-timeout = 1s, max-handshakes = 1, max-handshakes-per-network = 1 }");
        InetSocketAddress tls = listener(node, ListenerTransport.TLS);
        try (Socket silent = new Socket(tls.getAddress(), tls.getPort());
                Socket half = new Socket(tls.getAddress(), tls.getPort())) {
            half.getOutputStream().write(clientHello());
            await().atMost(LONG_ENOUGH).until(() -> metric(node, "turn_relay_tls_handshakes") == 1);

            assertCloses(tls, clientHello());
            assertThat(dropped(node, "too_many_handshakes")).isOne();

            silent.setSoTimeout((int) LONG_ENOUGH.toMillis());
            assertThat(silent.getInputStream().readAllBytes()).isEmpty();
            half.setSoTimeout((int) LONG_ENOUGH.toMillis());
            half.getInputStream().readAllBytes();
        }
        await().atMost(LONG_ENOUGH).until(() -> metric(node, "turn_relay_tls_handshakes") == 0);
        assertThat(dropped(node, "tls_handshake_failed")).isEqualTo(2);
        get(client(node, TlsSecurity.insecure(), "al", "secret").allocate());
        await().atMost(LONG_ENOUGH).until(() -> metric(node, "turn_relay_stream_newcomers") == 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"openssl", "jdk"})
    void hangsUpOnAClientThatAsksForNewKeysAndReadsNoAnswer(String provider) throws Exception {
        RelayNode node = start(provider, "");
        InetSocketAddress tls = listener(node, ListenerTransport.TLS);
        try (SSLSocket socket = (SSLSocket) trustingAnyone().getSocketFactory().createSocket()) {
            // What it leaves unread must wait at the relay.
            socket.setReceiveBufferSize(4096);
            socket.connect(tls);
            socket.setEnabledProtocols(new String[]{"TLSv1.3"});
            assertIsServed(socket);

            assertThatThrownBy(() -> {
                long end = System.nanoTime() + VERY_LONG.toNanos();
                while (System.nanoTime() < end) {
                    socket.startHandshake();
                }
            }).isInstanceOf(IOException.class);
        }
        await().atMost(LONG_ENOUGH).until(() -> metric(node, "turn_relay_stream_newcomers") == 0);
        assertThat(dropped(node, "malformed_stream")).isOne();
    }

    @ParameterizedTest
    @ValueSource(strings = {"openssl", "jdk"})
    void answersTheEndOfTlsWithItsOwn(String provider) throws Exception {
        RelayNode node = start(provider, "");
        try (SSLSocket socket = connect(node, ListenerTransport.TLS)) {
            assertIsServed(socket);
            socket.shutdownOutput();

            // Without the server's close_notify this would be an exception.
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    private RelayNode start(String provider, String overrides) throws IOException {
        return open.add(RelayNode.start(RelayConfig.load(ConfigFactory.parseString(overrides)
                .withFallback(ConfigFactory.parseString("""
                        event-loops = 2
                        peers.allow = ["127.0.0.0/8"]
                        listeners = [
                          { transport = tls, host = "127.0.0.1", port = 0 }
                          { transport = "tcp+tls", host = "127.0.0.1", port = 0 }
                        ]
                        tls { provider = %s, reload-interval = 1s }
                        """.formatted(provider)))
                .withFallback(NodeKeys.tls(certificate))
                .withFallback(NodeKeys.standalone(folder.resolve("node"), "auto")))));
    }

    private TurnClient client(RelayNode node, TlsSecurity security, String user, String password) throws Exception {
        return open.add(get(TurnClient.to(listener(node, ListenerTransport.TLS)).transport(ClientTransport.TLS)
                .security(security).credentials(user, password).connect()));
    }

    private SSLSocket connect(RelayNode node, ListenerTransport transport) throws Exception {
        InetSocketAddress address = listener(node, transport);
        SSLSocket socket = (SSLSocket) trustingAnyone().getSocketFactory().createSocket(address.getAddress(),
                address.getPort());
        socket.setSoTimeout((int) LONG_ENOUGH.toMillis());
        return socket;
    }

    private static SSLContext trustingAnyone() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[]{new TrustAnyone()}, null);
        return context;
    }

    private X509Certificate certificateOf(RelayNode node) throws Exception {
        try (SSLSocket socket = connect(node, ListenerTransport.TLS)) {
            return certificateOf(socket);
        }
    }

    private static X509Certificate certificateOf(SSLSocket socket) throws Exception {
        assertIsServed(socket);
        return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }

    private static void assertIsServed(SSLSocket socket) throws IOException {
        socket.getOutputStream().write(binding());
        byte[] header = socket.getInputStream().readNBytes(20);
        assertThat(header).startsWith(1, 1);
        socket.getInputStream().readNBytes(header[2] << 8 | header[3] & 0xFF);
    }

    private static void assertCloses(InetSocketAddress server, byte[] bytes) throws IOException {
        try (Socket socket = new Socket(server.getAddress(), server.getPort())) {
            socket.setSoTimeout((int) LONG_ENOUGH.toMillis());
            socket.getOutputStream().write(bytes);
            socket.getInputStream().readAllBytes();
        } catch (SocketException e) {
            // Reset, because the relay closed with bytes unread: closed all the same.
            assertThat(e).hasMessageContaining("reset");
        }
    }

    private static byte[] clientHello() throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine();
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName("localhost")));
        engine.setSSLParameters(parameters);
        ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.beginHandshake();
        engine.wrap(ByteBuffer.allocate(0), record);
        record.flip();
        byte[] bytes = new byte[record.remaining()];
        record.get(bytes);
        return bytes;
    }

    private static byte[] binding() {
        ByteBuf message = Unpooled.buffer();
        new StunMessageBuilder().begin(message, StunMethod.BINDING, StunClass.REQUEST, new TransactionId(1, 2));
        return ByteBufUtil.getBytes(message);
    }

    private static InetSocketAddress listener(RelayNode node, ListenerTransport transport) {
        return node.listeners().stream().filter(listener -> listener.transport() == transport)
                .map(ListenerAddress::address).findFirst().orElseThrow();
    }

    private static long dropped(RelayNode node, String reason) throws Exception {
        return metric(node, "turn_relay_dropped_packets_total{reason=\"" + reason + "\"}");
    }

    private static long reloads(RelayNode node, String result) throws Exception {
        return metric(node, "turn_relay_tls_certificate_reloads_total{result=\"" + result + "\"}");
    }

    private static long expiry(RelayNode node) throws Exception {
        return metric(node, "turn_relay_tls_certificate_expiry_timestamp_seconds");
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
    }

    private static final class TrustAnyone implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
