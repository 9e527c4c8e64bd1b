package io.turnpike.node.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.turnpike.node.allocation.ByteStream;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * The raw bytes of one TCP connection, of a peer or of a client that has bound one (RFC 6062 section 4.5): the last
 * handler of the channel's pipeline. Under TLS the end of a direction is told by its close_notify.
 *
 * <p>Confined to the loop of its allocation. A client's connection that was accepted on another loop moves there first:
 * Netty allows that where a channel is deregistered and registered again, and nothing is read or written meanwhile.
 */
final class ChannelStream extends ChannelInboundHandlerAdapter implements ByteStream {
    /** Bounds what a peer can send ahead of a slow reader: the kernel doubles it, and offers no wider window. */
    private static final int RECEIVE_BUFFER_BYTES = 256 * 1024;
    private static final WriteBufferWaterMark QUEUE = new WriteBufferWaterMark(64 * 1024, 128 * 1024);

    private final RelayLoop loop;
    private final Channel channel;
    private final Outlet outlet;
    private final Receiver receiver;
    /** What came before the receiver was told that the connection stands. */
    private final Queue<ByteBuf> early = new ArrayDeque<>(1);
    private boolean started;
    private boolean reading;
    private boolean inputEnded;
    private boolean outputEnded;
    private boolean broken;
    private boolean gone;
    private boolean toldClosed;

    /**
     * @param loop where the receiver lives
     * @param channel registered on that loop when this is started
     */
    ChannelStream(RelayLoop loop, Channel channel, Receiver receiver) {
        this.loop = loop;
        this.channel = channel;
        this.outlet = loop.outlet(channel);
        this.receiver = receiver;
        ChannelConfig config = channel.config();
        config.setAutoRead(false);
        config.setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        config.setOption(ChannelOption.TCP_NODELAY, true);
        config.setOption(ChannelOption.SO_KEEPALIVE, true);
        config.setOption(ChannelOption.SO_RCVBUF, RECEIVE_BUFFER_BYTES);
        config.setWriteBufferWaterMark(QUEUE);
    }

    /** Takes bytes over that came before this handler was there. */
    void add(ByteBuf bytes) {
        early.add(bytes);
    }

    /** The sender had ended before this handler was there. */
    void addEnd() {
        inputEnded = true;
    }

    /** Moves the channel from the current loop to the stream's own, then starts. */
    void move() {
        if (loop.isCurrent()) {
            start();
            return;
        }
        channel.deregister().addListener(left -> loop.eventLoop().register(channel)
                .addListener(arrived -> {
                    if (arrived.isSuccess()) {
                        start();
                    } else {
                        channel.unsafe().closeForcibly();
                        loop.execute(this::start);
                    }
                }));
    }

    /** Tells the receiver that the connection stands, or that it is gone already; on the stream's loop. */
    void start() {
        if (started) {
            return;
        }
        started = true;
        if (gone || !channel.isActive()) {
            early.forEach(ByteBuf::release);
            early.clear();
            tellClosed();
            return;
        }
        channel.flush();
        receiver.opened(this);
        for (ByteBuf bytes = early.poll(); bytes != null; bytes = early.poll()) {
            receiver.bytes(bytes);
        }
        if (inputEnded) {
            receiver.ended();
        }
    }

    @Override
    public boolean isWritable() {
        return outlet.isWritable();
    }

    @Override
    public void send(ByteBuf bytes, Outcome outcome) {
        int total = bytes.readableBytes();
        // Under TLS a record that was sent in part is of no use, and progress is counted in other bytes.
        ChannelPromise promise = tls() == null
                ? new SendPromise(channel, total, outcome)
                : channel.newPromise().addListener(sent -> outcome.settled(sent.isSuccess() ? total : 0,
                        sent.isSuccess() ? 0 : total));
        outlet.write(bytes, promise);
    }

    @Override
    public void read(boolean wanted) {
        if (wanted != reading) {
            reading = wanted;
            channel.config().setAutoRead(wanted);
        }
    }

    @Override
    public void finish() {
        SslHandler tls = tls();
        outlet.flush();
        ChannelFuture last = tls != null ? tls.closeOutbound() : channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
        last.addListener(written -> ((DuplexChannel) channel).shutdownOutput().addListener(shut -> {
            outputEnded = true;
            closeIfEnded();
        }));
    }

    @Override
    public void close() {
        outlet.flush();
        ChannelOutboundBuffer queue = channel.unsafe().outboundBuffer();
        if (tls() == null && queue != null && !queue.isEmpty()) {
            // What is thrown away here must not look like the end. TLS tells by its close_notify.
            abort();
        } else {
            channel.close();
        }
    }

    @Override
    public void abort() {
        broken = true;
        if (channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            channel.unsafe().close(channel.unsafe().voidPromise());
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        start();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (started) {
            receiver.bytes((ByteBuf) message);
        } else {
            early.add((ByteBuf) message);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (started && channel.isWritable()) {
            receiver.writableAgain();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        boolean end = event == ChannelInputShutdownEvent.INSTANCE || event == SslCloseCompletionEvent.SUCCESS;
        if (end && !inputEnded && !broken) {
            inputEnded = true;
            if (started) {
                receiver.ended();
            }
            closeIfEnded();
        }
    }

    /** A reset of the other end: what comes after it, such as the end of input, means nothing. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        loop.errors().unexpected("tcp stream", channel, cause);
        broken = true;
        channel.unsafe().close(channel.unsafe().voidPromise());
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        gone = true;
        if (started) {
            tellClosed();
        }
    }

    private void tellClosed() {
        if (!toldClosed) {
            toldClosed = true;
            receiver.closed();
        }
    }

    /** Netty leaves a connection open of which both directions have ended. */
    private void closeIfEnded() {
        if (inputEnded && outputEnded) {
            channel.close();
        }
    }

    private SslHandler tls() {
        return channel.pipeline().get(SslHandler.class);
    }
}
