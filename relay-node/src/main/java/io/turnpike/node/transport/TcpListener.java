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

/** Accepts clients' TCP connections, with TLS or without; each stays on the event loop that accepted it. */
public final class TcpListener {
    /** Bytes given to a connection cannot be taken back, so few are: the rest waits in the {@link ClientQueue}. */
    private static final int GIVEN_BYTES = 64 * 1024;
    private static final WriteBufferWaterMark GIVEN = new WriteBufferWaterMark(GIVEN_BYTES / 2, GIVEN_BYTES);
    private static final int BACKLOG = 1024;

    private TcpListener() {}

    /**
     * Opens a listener for TCP, TLS or both.
     *
     * @param loops the node's loops
     * @param address where to listen
     * @param inbounds what each loop does with messages, by loop index
     * @param streams what the stream listeners of the node share
     */
    public static Listener open(RelayLoops loops, ListenerAddress address, List<ClientMessages> inbounds,
            StreamService streams) {
        boolean shared = loops.engine().sharesPorts();
        return Listener.open(loops, address, (loop, bindAddress) -> {
            ChannelFactory<ServerChannel> factory = () -> loops.engine().serverChannel(bindAddress.getAddress());
            EventLoopGroup children = shared ? loop.eventLoop() : loops.group();
            ServerBootstrap bootstrap = new ServerBootstrap().group(loop.eventLoop(), children).channelFactory(factory)
                    .option(ChannelOption.SO_BACKLOG, BACKLOG).option(ChannelOption.SO_REUSEADDR, true)
                    .childOption(ChannelOption.TCP_NODELAY, true).childOption(ChannelOption.SO_KEEPALIVE, true)
                    .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, GIVEN)
                    .childHandler(new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            RelayLoop owner = loops.of(channel.eventLoop());
                            streams.connections().add(channel);
                            if (address.proxyProtocol()) {
                                channel.pipeline().addLast(new ProxyHeaderHandler(inbounds.get(owner.index()),
                                        streams, address.proxyProtocolFrom()));
                            }
                            channel.pipeline().addLast(
                                    new TcpConnection(owner, inbounds.get(owner.index()), streams, address));
                        }
                    });
            loops.engine().boundUnsentBytes(bootstrap, GIVEN_BYTES);
            if (shared) {
                bootstrap.option(UnixChannelOption.SO_REUSEPORT, true);
            }
            return Listener.Binding.of(bootstrap.bind(bindAddress));
        });
    }
}
