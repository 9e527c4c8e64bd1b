package io.turnpike.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.turnpike.client.Allocation;
import io.turnpike.client.ClientTransport;
import io.turnpike.client.ConnectionSecurity;
import io.turnpike.client.DataConnection;
import io.turnpike.client.StreamListener;
import io.turnpike.client.TlsSecurity;
import io.turnpike.client.TurnClient;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.node.transport.ListenerAddress;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.RequestedAddressFamily;
import io.turnpike.testing.TestAuthority;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.Arguments;

/** A relay, clients and peers for TCP allocations over real sockets, on every socket engine. */
abstract class TcpRelayBench {
    static final String PEERS = "peers.allow = [\"127.0.0.0/8\", \"::1/128\"]";
    static final Duration LONG_ENOUGH = Duration.ofSeconds(20);
    /** Enough of them, that some come in on another event loop than their allocation's. */
    static final int CONNECTIONS = 8;

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

    /** Engines, transports and hosts, each with each. */
    static Stream<Arguments> paths() {
        return Engines.all()
                .flatMap(engine -> Stream.of(ClientTransport.TCP, ClientTransport.TLS)
                        .flatMap(transport -> Stream.of("127.0.0.1", "::1")
                                .map(host -> Arguments.of(engine, transport, host))));
    }

    /** Sends random bytes to an echo, and compares what comes back. */
    static final class Exchange {
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

        /** The bytes that came back, which are as many as were sent. */
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

    /** Keeps all bytes that come. */
    static final class Received implements StreamListener {
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

    static Allocation allocate(TurnClient client, String host) throws Exception {
        AddressFamily family = AddressFamily.of(new InetSocketAddress(host, 1).getAddress());
        return get(client.allocateTcp(request -> request.add(new RequestedAddressFamily(family))));
    }

    RelayNode start(String engine, String overrides) throws IOException {
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

    TurnClient client(RelayNode node, ClientTransport transport, String host) throws Exception {
        ConnectionSecurity security = transport == ClientTransport.TLS
                ? TlsSecurity.trusting(authority.file())
                : ConnectionSecurity.NONE;
        return open.add(get(TurnClient.to(listener(node, transport, host)).transport(transport).security(security)
                .credentials("al", "secret").connect()));
    }

    static InetSocketAddress listener(RelayNode node, ClientTransport transport, String host) {
        boolean ipv6 = host.contains(":");
        return node.listeners().stream().filter(each -> each.transport().name().equals(transport.name()))
                .map(ListenerAddress::address).filter(each -> each.getAddress() instanceof Inet6Address == ipv6)
                .findFirst().orElseThrow();
    }

    static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
    }
}
