package io.turnpike.node.transport;

import io.turnpike.node.config.CidrBlock;
import io.turnpike.node.config.RelayConfig.ListenerTransport;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * Where clients are awaited, and how.
 *
 * @param key configuration key that messages name, for instance {@code listeners[0]}
 * @param transport what is spoken there
 * @param address address to bind; port 0 takes any free one
 * @param proxyProtocol whether every connection begins with a PROXY header that names the client
 * @param proxyProtocolFrom networks of the proxies whose header is believed; none named trusts whoever connects
 * @param tenant tenant of clients whose user names name none
 */
public record ListenerAddress(String key, ListenerTransport transport, InetSocketAddress address, boolean proxyProtocol,
        List<CidrBlock> proxyProtocolFrom, Optional<String> tenant) {
    /** Refuses names that do not resolve. */
    public ListenerAddress {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException(key + ": cannot resolve the host " + address.getHostString());
        }
    }

    /** The same listener on the port that the operating system chose. */
    ListenerAddress boundTo(InetSocketAddress bound) {
        return new ListenerAddress(key, transport, bound, proxyProtocol, proxyProtocolFrom, tenant);
    }
}
