package io.turnpike.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.turnpike.client.ClientTransport;
import io.turnpike.client.ConnectionSecurity;
import io.turnpike.client.DtlsSecurity;
import io.turnpike.client.TlsSecurity;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.node.transport.ListenerAddress;
import io.turnpike.testing.TestAuthority;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Whole nodes on loopback that show a certificate, and what their clients need. */
abstract class NodeBench {
    static final Duration LONG_ENOUGH = Duration.ofSeconds(20);

    @TempDir
    private Path folder;
    @RegisterExtension
    final OpenParts open = new OpenParts();
    private TestAuthority authority;
    private TestAuthority.PemFiles certificate;

    @BeforeEach
    void issueACertificate() throws IOException {
        authority = new TestAuthority(folder);
        certificate = authority.issue("relay", "127.0.0.1", "::1");
    }

    /** These keys, the earlier before the later, and before those of {@link NodeKeys}. */
    RelayConfig config(String engine, String... keys) {
        Config config = ConfigFactory.empty();
        for (String each : keys) {
            config = config.withFallback(ConfigFactory.parseString(each));
        }
        return RelayConfig.load(config.withFallback(NodeKeys.tls(certificate))
                .withFallback(NodeKeys.standalone(folder.resolve("node" + open.size()), engine)));
    }

    /** Starts a node with these keys; see {@link #config}. */
    RelayNode startWith(String engine, String... keys) throws IOException {
        return open.add(RelayNode.start(config(engine, keys)));
    }

    /** For a client that trusts the nodes' certificate, where the transport has one. */
    ConnectionSecurity security(ClientTransport transport) {
        return switch (transport) {
            case UDP, TCP -> ConnectionSecurity.NONE;
            case TLS -> TlsSecurity.trusting(authority.file());
            case DTLS -> DtlsSecurity.trusting(authority.file());
        };
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
