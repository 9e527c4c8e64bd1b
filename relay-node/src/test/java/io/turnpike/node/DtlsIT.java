package io.turnpike.node;

import static io.turnpike.node.Metrics.metric;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.turnpike.client.ClientTransport;
import io.turnpike.client.ConnectionSecurity;
import io.turnpike.client.DtlsSecurity;
import io.turnpike.client.EchoPeer;
import io.turnpike.client.TurnClient;
import io.turnpike.testing.ForeignTools;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** DTLS of a whole node over real sockets: foreign clients, what it refuses, and what a record holds. */
class DtlsIT extends DtlsBench {
    private static final Path UCLIENT = Path.of("/usr/bin/turnutils_uclient");
    private static final Path OPENSSL = Path.of("/usr/bin/openssl");

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

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile()).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).as(said).isTrue();
        return said;
    }

    private static int port(RelayNode node) {
        return address(node).getPort();
    }
}
