package io.turnpike.node.config;

import io.turnpike.node.event.ClientTransport;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * A server that takes clients while this one drains.
 *
 * @param transport whose clients it takes; empty for any
 * @param host IP address
 * @param port 1 to 65535
 * @param domain name in its certificate, which TLS and DTLS clients check; empty if it is this node's
 */
public record AlternateConfig(Optional<ClientTransport> transport, String host, int port,
        Optional<String> domain) {
    private static final int MAX_DOMAIN_CHARACTERS = 255;

    /** Refuses what clients could not reach. */
    public AlternateConfig {
        Rules.ipAddress("drain.alternates.host", host);
        Rules.range("drain.alternates.port", port, 1, 65_535);
        Rules.require(domain.orElse("").length() <= MAX_DOMAIN_CHARACTERS, "drain.alternates.domain",
                "must have at most 255 characters");
    }

    /** Where it is. */
    public InetSocketAddress address() {
        return HostAndPort.literal(host, port);
    }
}
