package io.turnpike.client;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;

/** A server of UDP and TCP that answers each message as the test says. */
final class FakeTurnServer implements AutoCloseable {

    /** Gets a message, and a way to send one back; the message is valid only during the call. */
    @FunctionalInterface
    interface Script extends BiConsumer<ByteBuf, Consumer<ByteBuf>> {}

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private final List<Channel> channels = new ArrayList<>();
    private final InetSocketAddress udp;
    private final InetSocketAddress tcp;

    FakeTurnServer(Script script) {
        InetSocketAddress any = new InetSocketAddress("127.0.0.1", 0);
        channels.add(new Bootstrap().group(loops).channel(NioDatagramChannel.class)
                .handler(new SimpleChannelInboundHandler<DatagramPacket>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
                        run(script, packet.content(),
                                answer -> ctx.writeAndFlush(new DatagramPacket(answer, packet.sender())));
                    }
                }).bind(any).syncUninterruptibly().channel());
        channels.add(new ServerBootstrap().group(loops).channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new StreamFrameHandler(), new ChannelInboundHandlerAdapter() {
                            @Override
                            public void channelRead(ChannelHandlerContext ctx, Object message) {
                                ByteBuf frame = (ByteBuf) message;
                                try {
                                    run(script, frame, ctx::writeAndFlush);
                                } finally {
                                    frame.release();
                                }
                            }
                        });
                    }
                }).bind(any).syncUninterruptibly().channel());
        udp = (InetSocketAddress) channels.get(0).localAddress();
        tcp = (InetSocketAddress) channels.get(1).localAddress();
    }

    InetSocketAddress address(ClientTransport transport) {
        return transport.isStream() ? tcp : udp;
    }

    /** What the script threw. */
    List<Throwable> failures() {
        return failures;
    }

    private void run(Script script, ByteBuf message, Consumer<ByteBuf> answer) {
        try {
            script.accept(message, answer);
        } catch (Throwable e) {
            failures.add(e);
        }
    }

    @Override
    public void close() {
        channels.forEach(channel -> channel.close().syncUninterruptibly());
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
