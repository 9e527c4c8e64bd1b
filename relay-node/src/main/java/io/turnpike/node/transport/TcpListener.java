package io.turnpike.node.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.util.concurrent.ScheduledFuture;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.StreamFramer;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Accepts clients' TCP connections; each stays on the event loop that accepted it. */
public final class TcpListener {
    private static final WriteBufferWaterMark QUEUE = new WriteBufferWaterMark(128 * 1024, 256 * 1024);
    private static final int BACKLOG = 1024;
    /** A connection that carries no allocation is closed when it was silent for so long. */
    private static final long IDLE_SECONDS = 60;

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
                            channel.pipeline().addLast(new Handler(owner, inbounds.get(owner.index())));
                        }
                    });
            if (shared) {
                bootstrap.option(UnixChannelOption.SO_REUSEPORT, true);
            }
            return bootstrap.bind(bindAddress);
        });
    }

    /** One client's connection: frames in, messages out. */
    private static final class Handler extends ChannelInboundHandlerAdapter {
        private final RelayLoop loop;
        private final ClientMessages messages;
        private StreamFramer framer;
        private TcpClientLeg leg;
        private ScheduledFuture<?> idleCheck;
        private boolean heard;

        Handler(RelayLoop loop, ClientMessages messages) {
            this.loop = loop;
            this.messages = messages;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            FiveTuple fiveTuple = new FiveTuple(ClientTransport.TCP, (InetSocketAddress) ctx.channel().remoteAddress(),
                    (InetSocketAddress) ctx.channel().localAddress());
            framer = new StreamFramer(ctx.alloc(), StreamFramer.MAX_FRAME_BYTES);
            leg = new TcpClientLeg(fiveTuple, loop.outlet(ctx.channel()));
            idleCheck = ctx.executor().scheduleWithFixedDelay(() -> closeIfIdle(ctx), IDLE_SECONDS, IDLE_SECONDS,
                    TimeUnit.SECONDS);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            heard = true;
            framer.add((ByteBuf) message);
            for (ByteBuf frame = framer.next(); frame != null; frame = framer.next()) {
                try {
                    messages.message(frame, leg);
                } finally {
                    frame.release();
                }
            }
            if (framer.violation() != StreamFramer.Violation.NONE) {
                messages.drop(DropReason.MALFORMED_STREAM);
                ctx.close();
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            if (leg != null && ctx.channel().isWritable()) {
                leg.writableAgain();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (leg != null) {
                idleCheck.cancel(false);
                framer.close();
                messages.disconnected(leg);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            SocketErrors.unexpected("tcp client", ctx.channel(), cause);
            ctx.close();
        }

        private void closeIfIdle(ChannelHandlerContext ctx) {
            if (!heard && !messages.hasAllocation(leg)) {
                ctx.close();
            }
            heard = false;
        }
    }
}
