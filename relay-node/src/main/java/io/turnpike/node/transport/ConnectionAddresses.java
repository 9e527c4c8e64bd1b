package io.turnpike.node.transport;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;

/**
 * Between whom a connection is: the socket's own ends, unless a proxy in between has named the ones that count.
 *
 * @param client who asks
 * @param server where it asked
 */
record ConnectionAddresses(InetSocketAddress client, InetSocketAddress server) {
    private static final AttributeKey<ConnectionAddresses> NAMED = AttributeKey.valueOf(ConnectionAddresses.class,
            "named");

    /** Those of a connection that has begun. */
    static ConnectionAddresses of(Channel channel) {
        ConnectionAddresses named = channel.attr(NAMED).get();
        return named != null
                ? named
                : new ConnectionAddresses((InetSocketAddress) channel.remoteAddress(),
                        (InetSocketAddress) channel.localAddress());
    }

    /** The proxy at the other end of the channel speaks for these. */
    void name(Channel channel) {
        channel.attr(NAMED).set(this);
    }
}
