package io.turnpike.node.auth;

import io.turnpike.node.event.ClientTransport;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Where a request comes from, as far as its credentials depend on it.
 *
 * @param address client address and port, as the server sees them
 * @param transport over which it came; a nonce is good for one address, port and transport
 * @param tenantId tenant of names that name none, where the listener or the TLS server name says it
 * @param session of the five-tuple's allocation, if an access token made or refreshed it
 */
public record Requester(InetSocketAddress address, ClientTransport transport, Optional<String> tenantId,
        Optional<TokenSession> session) {}
