package io.turnpike.node;

import static io.turnpike.node.Metrics.metric;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.turnpike.client.ClientTransport;
import io.turnpike.client.ConnectionSecurity;
import io.turnpike.client.TurnClient;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.testing.TestAuthority;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A relay that listens for UDP and DTLS on one port, and its clients. */
abstract class DtlsBench {
    static final Duration LONG_ENOUGH = Duration.ofSeconds(30);

    @TempDir
    private Path folder;
    @RegisterExtension
    final OpenParts open = new OpenParts();
    TestAuthority authority;
    /** What the next relay shows. */
    TestAuthority.PemFiles certificate;

    @BeforeEach
    void makeCertificate() throws IOException {
        authority = new TestAuthority(folder);
        certificate = authority.issue("relay", "127.0.0.1", "localhost");
    }

    TurnClient client(RelayNode node, ClientTransport transport, ConnectionSecurity security)
            throws Exception {
        return open.add(get(TurnClient.to(address(node)).transport(transport).security(security)
                .credentials("al", "secret").connect()));
    }

    RelayNode start(String engine, String overrides) throws IOException {
        Config config = ConfigFactory.parseString(overrides).withFallback(ConfigFactory.parseString("""
                event-loops = 2
                tenants = [{ id = demo, channel-numbers = rfc5766 }]
                relay { ipv4 = "127.0.0.1" }
                peers.allow = ["127.0.0.0/8"]
                listeners = [{ transport = "udp+dtls", host = "127.0.0.1", port = 0 }]
                """)).withFallback(NodeKeys.tls(certificate))
                .withFallback(NodeKeys.standalone(folder.resolve("node" + open.size()), engine));
        return open.add(RelayNode.start(RelayConfig.load(config)));
    }

    static InetSocketAddress address(RelayNode node) {
        return node.listeners().get(0).address();
    }

    static long handshakesFailed(RelayNode node) throws Exception {
        return dropped(node, "tls_handshake_failed");
    }

    static long dropped(RelayNode node, String reason) throws Exception {
        return metric(node, "turn_relay_dropped_packets_total{reason=\"" + reason + "\"}");
    }

    static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
    }
}
