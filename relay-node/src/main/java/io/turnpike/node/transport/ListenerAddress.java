package io.turnpike.node.transport;

import io.turnpike.node.event.ClientTransport;
import java.net.InetSocketAddress;

/**
 * Where clients are awaited.
 *
 * @param key configuration key that messages name, for instance {@code listeners[0]}
 * @param transport UDP or TCP
 * @param address address to bind; port 0 takes any free one
 */
public record ListenerAddress(String key, ClientTransport transport, InetSocketAddress address) {
    /** Refuses names that do not resolve. */
    public ListenerAddress {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException(key + ": cannot resolve the host " + address.getHostString());
        }
    }

    /** The same listener on the port that the operating system chose. */
    ListenerAddress boundTo(InetSocketAddress bound) {
        return new ListenerAddress(key, transport, bound);
    }
}
