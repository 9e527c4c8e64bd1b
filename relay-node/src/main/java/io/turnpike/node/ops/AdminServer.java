package io.turnpike.node.ops;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.turnpike.node.config.RelayConfig.AdminConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * Serves {@code GET /health/live}, {@code GET /health/ready}, {@code GET /metrics} and {@code GET|POST|DELETE /drain} on
 * its own thread, away from the event loops that relay. No authentication: it belongs on loopback or a closed network.
 */
public final class AdminServer implements AutoCloseable {
    private static final int MAX_HEADER_BYTES = 8 * 1024;
    private static final int MAX_BODY_BYTES = 1024;
    private static final int MAX_WAITING_CONNECTIONS = 64;
    private static final int IDLE_SECONDS = 30;

    private final EventLoopGroup group;
    private final Channel channel;

    private AdminServer(EventLoopGroup group, Channel channel) {
        this.group = group;
        this.channel = channel;
    }

    /**
     * Binds and serves.
     *
     * @throws IOException if the address cannot be bound; the message names the keys
     */
    public static AdminServer start(AdminConfig config, HealthChecks health, NodeMetrics metrics,
            DrainControl drain) throws IOException {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("relay-admin", true),
                NioIoHandler.newFactory());
        ChannelFuture bound = new ServerBootstrap().group(group).channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, MAX_WAITING_CONNECTIONS)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel connection) {
                        connection.pipeline().addLast(new ReadTimeoutHandler(IDLE_SECONDS))
                                .addLast(new HttpServerCodec(new HttpDecoderConfig().setMaxHeaderSize(MAX_HEADER_BYTES)
                                        .setMaxInitialLineLength(MAX_BODY_BYTES)))
                                .addLast(new HttpObjectAggregator(MAX_BODY_BYTES))
                                .addLast(new AdminHandler(health, metrics, drain));
                    }
                }).bind(new InetSocketAddress(config.host(), config.port())).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw new IOException("admin.host and admin.port: cannot listen on " + config.host() + ':' + config.port()
                    + ": " + bound.cause().getMessage(), bound.cause());
        }
        return new AdminServer(group, bound.channel());
    }

    /** The bound address, with the port that was taken for port 0. */
    public InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
