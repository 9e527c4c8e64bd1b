package io.turnpike.node.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.unix.UnixChannelOption;
import java.util.List;

/** Accepts clients' TCP connections; each stays on the event loop that accepted it. */
public final class TcpListener {
    private static final WriteBufferWaterMark QUEUE = new WriteBufferWaterMark(128 * 1024, 256 * 1024);
    private static final int BACKLOG = 1024;

    private TcpListener() {}

    /**
     * Opens a TCP listener.
     *
     * @param loops the node's loops
     * @param address where to listen
     * @param inbounds what each loop does with messages, by loop index
     * @param connections where open connections are noted, for the node's stop
     */
    public static Listener open(RelayLoops loops, ListenerAddress address, List<ClientMessages> inbounds,
            Connections connections) {
        boolean shared = loops.engine().sharesPorts();
        return Listener.open(loops, address, (loop, bindAddress) -> {
            ChannelFactory<ServerChannel> factory = () -> loops.engine().serverChannel(bindAddress.getAddress());
            EventLoopGroup children = shared ? loop.eventLoop() : loops.group();
            ServerBootstrap bootstrap = new ServerBootstrap().group(loop.eventLoop(), children).channelFactory(factory)
                    .option(ChannelOption.SO_BACKLOG, BACKLOG).option(ChannelOption.SO_REUSEADDR, true)
                    .childOption(ChannelOption.TCP_NODELAY, true).childOption(ChannelOption.SO_KEEPALIVE, true)
                    .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, QUEUE)
                    .childHandler(new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            RelayLoop owner = loops.of(channel.eventLoop());
                            connections.add(channel);
                            channel.pipeline().addLast(new TcpConnection(owner, inbounds.get(owner.index()),
                                    connections.newcomers()));
                        }
                    });
            if (shared) {
                bootstrap.option(UnixChannelOption.SO_REUSEPORT, true);
            }
            return bootstrap.bind(bindAddress);
        });
    }
}
