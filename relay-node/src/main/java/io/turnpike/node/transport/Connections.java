package io.turnpike.node.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The open client connections of a node, so that its stop can close them. Thread-safe. */
public final class Connections {
    private final Set<Channel> open = ConcurrentHashMap.newKeySet();
    private final Set<ConnectionAddresses> claimed = ConcurrentHashMap.newKeySet();

    /** Notes between whom a connection is; false if another one says the same, which only a proxy that lies can do. */
    boolean claim(ConnectionAddresses addresses, Channel channel) {
        if (!claimed.add(addresses)) {
            return false;
        }
        channel.closeFuture().addListener(closed -> claimed.remove(addresses));
        return true;
    }

    void add(Channel channel) {
        open.add(channel);
        channel.closeFuture().addListener(closed -> open.remove(channel));
    }

    /** Closes them all side by side, and waits until they are: a TLS client that reads nothing takes a second. */
    public void close() {
        List<ChannelFuture> closing = Set.copyOf(open).stream().map(Channel::close).toList();
        closing.forEach(ChannelFuture::awaitUninterruptibly);
    }
}
