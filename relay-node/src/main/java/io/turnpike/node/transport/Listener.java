package io.turnpike.node.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/** An open listener: one channel, or one for each event loop where the kernel lets them share the port. */
public final class Listener {
    private final ListenerAddress address;
    private final List<Channel> channels;

    private Listener(ListenerAddress address, List<Channel> channels) {
        this.address = address;
        this.channels = channels;
    }

    /**
     * Opens the channels of a listener.
     *
     * @param loops the node's loops
     * @param wanted where to listen
     * @param bind begins to bind one channel on the given loop to the given address
     * @throws ListenerBindException if the port cannot be had; nothing stays open then
     */
    static Listener open(RelayLoops loops, ListenerAddress wanted,
            BiFunction<RelayLoop, InetSocketAddress, ChannelFuture> bind) {
        PortProbe.requireFree(wanted);
        List<RelayLoop> homes = loops.engine().sharesPorts() ? loops.all() : loops.all().subList(0, 1);
        List<Channel> channels = new ArrayList<>();
        InetSocketAddress address = wanted.address();
        for (RelayLoop loop : homes) {
            ChannelFuture bound = bind.apply(loop, address).awaitUninterruptibly();
            if (!bound.isSuccess()) {
                // Netty has closed what could not be bound; where no socket could be had, there is no channel at all.
                close(channels);
                throw new ListenerBindException(wanted, bound.cause());
            }
            channels.add(bound.channel());
            address = (InetSocketAddress) bound.channel().localAddress();
        }
        return new Listener(wanted.boundTo(address), channels);
    }

    /** Where it listens, with the port that was chosen if 0 was asked for. */
    public ListenerAddress address() {
        return address;
    }

    /** Stops listening; accepted connections stay. */
    public void close() {
        close(channels);
    }

    private static void close(List<Channel> channels) {
        for (Channel channel : channels) {
            channel.close().awaitUninterruptibly();
        }
    }
}
