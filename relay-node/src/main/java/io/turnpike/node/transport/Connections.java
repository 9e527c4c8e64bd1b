package io.turnpike.node.transport;

import io.netty.channel.Channel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The open client connections of a node, so that its stop can close them. Thread-safe. */
public final class Connections {
    private final Set<Channel> open = ConcurrentHashMap.newKeySet();
    private final Newcomers newcomers = new Newcomers();

    Newcomers newcomers() {
        return newcomers;
    }

    void add(Channel channel) {
        open.add(channel);
        channel.closeFuture().addListener(closed -> open.remove(channel));
    }

    /** Closes them all and waits until they are. */
    public void close() {
        for (Channel channel : Set.copyOf(open)) {
            channel.close().awaitUninterruptibly();
        }
    }
}
