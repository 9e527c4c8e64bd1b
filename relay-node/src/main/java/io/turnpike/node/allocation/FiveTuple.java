package io.turnpike.node.allocation;

import io.turnpike.node.event.ClientTransport;
import java.net.InetSocketAddress;
import java.util.Objects;

/**
 * Names an allocation (RFC 8656 section 2): the client's and the server's transport address and the transport between
 * them. Without the transport, a UDP and a TCP client on the same ports would share an allocation.
 *
 * @param transport between client and relay
 * @param client the client's address as the relay sees it
 * @param server the relay's listening address
 */
public record FiveTuple(ClientTransport transport, InetSocketAddress client, InetSocketAddress server) {
    /** Refuses missing parts. */
    public FiveTuple {
        Objects.requireNonNull(transport, "transport");
        Objects.requireNonNull(client, "client");
        Objects.requireNonNull(server, "server");
    }
}
