package io.turnpike.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.turnpike.testing.TestAuthority;

import io.netty.buffer.Unpooled;
import io.turnpike.testing.ForeignTools;

/** The client against a foreign server: coturn, where it is installed. */
class CoturnIT {

    private static final Path TURNSERVER = Path.of("/usr/bin/turnserver");
    private static final String LOOPBACK = "127.0.0.1";

    private Process server;
    private TestAuthority authority;
    private int port;

    @BeforeEach
    void startServer(@TempDir Path directory) throws Exception {
        ForeignTools.require("CoturnIT", "coturn", TURNSERVER);
        try (DatagramSocket free = new DatagramSocket(new InetSocketAddress(LOOPBACK, 0))) {
            port = free.getLocalPort();
        }
        authority = new TestAuthority(directory);
        TestAuthority.PemFiles pem = authority.issue("coturn", LOOPBACK);
        Path log = directory.resolve("turnserver.log");
        server = new ProcessBuilder(TURNSERVER.toString(), "-n", "--no-cli", "--cert=" + pem.certificate(),
                "--pkey=" + pem.privateKey(),
                "--allow-loopback-peers", "--lt-cred-mech", "--user=demo:secret", "--realm=turnpike",
                "--listening-ip=" + LOOPBACK, "--relay-ip=" + LOOPBACK, "--listening-port=" + port,
                "--min-port=56000", "--max-port=56999", "--userdb=" + directory.resolve("turndb"),
                "--pidfile=" + directory.resolve("turnserver.pid"), "--log-file=stdout", "--simple-log")
                .directory(directory.toFile()).redirectErrorStream(true)
                .redirectOutput(new File(log.toString())).start();
        awaitAnswer();
    }

    @AfterEach
    void stopServer() throws InterruptedException {
        if (server != null) {
            server.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @EnumSource(value = ClientTransport.class, names = {"UDP", "TCP"})
    void relaysBothWays(ClientTransport transport) throws Exception {
        BlockingQueue<Integer> received = new LinkedBlockingQueue<>();
        try (EchoPeer peer = EchoPeer.start(new InetSocketAddress(LOOPBACK, 0));
                TurnClient client = get(TurnClient.to(new InetSocketAddress(LOOPBACK, port)).transport(transport)
                        .security(security(transport)).credentials("demo", "secret")
                        .onData((from, payload) -> received.add(payload.readableBytes())).connect())) {
            assertThat(get(client.binding())).isEqualTo(client.localAddress());
            Allocation allocation = get(client.allocate());
            assertThat(allocation.mapped()).isEqualTo(client.localAddress());
            get(client.createPermission(peer.address()));
            get(client.sendIndication(peer.address(), Unpooled.wrappedBuffer(new byte[100])));
            assertThat(received.poll(10, TimeUnit.SECONDS)).isEqualTo(100);
            get(client.channelBind(0x4000, peer.address()));
            get(client.channelData(0x4000, Unpooled.wrappedBuffer(new byte[333])));
            assertThat(received.poll(10, TimeUnit.SECONDS)).isEqualTo(333);
            assertThat(get(client.refresh(Duration.ofSeconds(777)))).isEqualTo(Duration.ofSeconds(777));
            get(client.release());
            assertThat(client.counters().clientToRelay().payloadBytes()).isEqualTo(433);
            assertThat(client.counters().relayToClient().payloadBytes()).isEqualTo(433);
            assertThat(peer.receivedBytes()).isEqualTo(433);
        }
    }

    /** Coturn tells all four apart on one port. */
    private ConnectionSecurity security(ClientTransport transport) {
        return switch (transport) {
            case UDP, TCP -> ConnectionSecurity.NONE;
            case TLS -> TlsSecurity.trusting(authority.file());
            case DTLS -> DtlsSecurity.trusting(authority.file());
        };
    }

    /** RFC 6062, both ways round: the client connects to a peer, and a peer connects to the client. */
    @Test
    void relaysTcp() throws Exception {
        try (TcpEchoPeer peer = TcpEchoPeer.start(new InetSocketAddress(LOOPBACK, 0));
                TurnClient client = get(TurnClient.to(new InetSocketAddress(LOOPBACK, port))
                        .transport(ClientTransport.TCP).credentials("demo", "secret").connect())) {
            Allocation allocation = get(client.allocateTcp());
            try (DataConnection out = get(client.connect(peer.address()))) {
                assertThat(peer.nextSource(10, TimeUnit.SECONDS)).isEqualTo(allocation.relayed());
                echo(out, 100_000);
            }
            CompletableFuture<Integer> attempt = new CompletableFuture<>();
            get(client.onConnectionAttempt((from, id) -> attempt.complete(id)));
            get(client.createPermission(peer.address()));
            peer.connectTo(allocation.relayed());
            try (DataConnection in = get(client.accept(get(attempt)))) {
                echo(in, 5_000);
            }
            assertThat(peer.receivedBytes()).isEqualTo(105_000);
        }
    }

    private static void echo(DataConnection data, int bytes) throws Exception {
        CompletableFuture<Void> all = new CompletableFuture<>();
        data.onBytes(received -> {
            if (data.receivedBytes() == bytes) {
                all.complete(null);
            }
        });
        get(data.send(Unpooled.wrappedBuffer(new byte[bytes])));
        get(all);
        assertThat(data.sentBytes()).isEqualTo(bytes);
    }

    /** A Binding request is retransmitted until the server is up. */
    private void awaitAnswer() throws Exception {
        try (TurnClient client = get(TurnClient.to(new InetSocketAddress(LOOPBACK, port))
                .rto(Duration.ofMillis(100)).connect())) {
            get(client.binding());
        }
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }
}
