package io.turnpike.client;

import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;

/**
 * A UDP peer that sends every datagram back to where it came from, and counts both ways: the far end of tests, load and
 * demo.
 */
public final class EchoPeer implements AutoCloseable {

    private static final int MAX_DATAGRAM_BYTES = 65535;
    private static final int RECEIVE_BUFFER_BYTES = 4 << 20;

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final AtomicLong receivedPackets = new AtomicLong();
    private final AtomicLong receivedBytes = new AtomicLong();
    private final AtomicLong echoedPackets = new AtomicLong();
    private final AtomicLong echoedBytes = new AtomicLong();
    private final Channel channel;

    private EchoPeer(InetSocketAddress address) {
        channel = new Bootstrap().group(loops).channel(NioDatagramChannel.class)
                .option(ChannelOption.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(MAX_DATAGRAM_BYTES))
                .handler(new Echo()).bind(address).syncUninterruptibly().channel();
    }

    /** Binds and serves; port 0 takes a free one. Throws if the address cannot be bound. */
    public static EchoPeer start(InetSocketAddress address) {
        return new EchoPeer(address);
    }

    /** Serves until the process ends. Arguments: host and port, 127.0.0.1 and 3480 unless given. */
    public static void main(String... args) throws InterruptedException {
        String host = args.length > 0 ? args[0] : "127.0.0.1";
        int port = args.length > 1 ? Integer.parseInt(args[1]) : 3480;
        try (EchoPeer peer = start(new InetSocketAddress(host, port))) {
            System.out.println("echoing UDP on " + peer.address());
            CountDownLatch ended = new CountDownLatch(1);
            Runtime.getRuntime().addShutdownHook(new Thread(ended::countDown));
            ended.await();
        }
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    /** Datagrams that came. */
    public long receivedPackets() {
        return receivedPackets.get();
    }

    /** Payload bytes that came. */
    public long receivedBytes() {
        return receivedBytes.get();
    }

    /** Datagrams that went back. */
    public long echoedPackets() {
        return echoedPackets.get();
    }

    /** Payload bytes that went back. */
    public long echoedBytes() {
        return echoedBytes.get();
    }

    /** Stops, and returns when the socket is closed. */
    @Override
    public void close() {
        channel.close().syncUninterruptibly();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private final class Echo extends SimpleChannelInboundHandler<DatagramPacket> {

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
            int bytes = packet.content().readableBytes();
            receivedPackets.incrementAndGet();
            receivedBytes.addAndGet(bytes);
            ctx.write(new DatagramPacket(packet.content().retain(), packet.sender()))
                    .addListener((ChannelFutureListener) future -> {
                        if (future.isSuccess()) {
                            echoedPackets.incrementAndGet();
                            echoedBytes.addAndGet(bytes);
                        }
                    });
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.flush();
        }

        /** ICMP errors of clients that are gone concern nobody here. */
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.flush();
        }
    }
}
