package io.turnpike.client;

import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;

/**
 * A client data connection of RFC 6062: a byte stream to one peer through the relay, with nothing added. It reads only
 * while it has a listener and is not paused, so that the peer feels a slow receiver. Methods may be called from any
 * thread.
 */
public final class DataConnection implements AutoCloseable {

    private final AtomicLong sentBytes = new AtomicLong();
    private final AtomicLong receivedBytes = new AtomicLong();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final Channel channel;
    private final Runnable onClose;
    private StreamListener listener;
    private ByteBuf early;

    /**
     * Takes over a connection whose ConnectionBind succeeded, on its event loop.
     *
     * @param early
     *            bytes of the peer that came with the response, or null
     */
    DataConnection(Channel channel, ByteBuf early, Runnable onClose) {
        this.channel = channel;
        this.early = early;
        this.onClose = onClose;
        channel.config().setAutoRead(false);
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        channel.pipeline().addLast(new Reader());
        channel.closeFuture().addListener(future -> {
            releaseEarly();
            ended.completeExceptionally(new ClosedChannelException());
            closed.complete(null);
        });
    }

    /** Begins to read; to be called once. */
    public void onBytes(StreamListener value) {
        channel.eventLoop().execute(() -> {
            listener = value;
            if (early != null) {
                ByteBuf first = early;
                early = null;
                received(first);
            }
            channel.config().setAutoRead(true);
        });
    }

    /** Stops reading until {@link #resume}. */
    public void pause() {
        channel.config().setAutoRead(false);
    }

    /** Reads again. */
    public void resume() {
        channel.config().setAutoRead(true);
    }

    /**
     * Sends bytes to the peer.
     *
     * @param bytes
     *            taken over and released
     * @return completes when the socket took them all
     */
    public CompletableFuture<Void> send(ByteBuf bytes) {
        int count = bytes.readableBytes();
        CompletableFuture<Void> sent = new CompletableFuture<>();
        channel.writeAndFlush(bytes).addListener(future -> {
            if (future.isSuccess()) {
                sentBytes.addAndGet(count);
                sent.complete(null);
            } else {
                sent.completeExceptionally(future.cause());
            }
        });
        return sent;
    }

    /** Tells the peer that nothing more comes, once all was sent; what the peer sends is still received. */
    public CompletableFuture<Void> finish() {
        CompletableFuture<Void> finished = new CompletableFuture<>();
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        ChannelFuture last = tls != null ? tls.closeOutbound() : channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
        last.addListener(written -> ((DuplexChannel) channel).shutdownOutput().addListener(shut -> {
            if (shut.isSuccess()) {
                finished.complete(null);
                closeIfDone();
            } else {
                finished.completeExceptionally(shut.cause());
            }
        }));
        return finished;
    }

    /** Closes the connection with a reset: the peer's connection is reset too. */
    public void abort() {
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        channel.close().awaitUninterruptibly();
        onClose.run();
    }

    /** Completes when the peer sends no more; fails if the connection is closed before that. */
    public CompletableFuture<Void> ended() {
        return ended;
    }

    /** Completes when the connection is closed, by whichever side. */
    public CompletableFuture<Void> closed() {
        return closed;
    }

    /** Whether bytes can still pass. */
    public boolean isOpen() {
        return channel.isActive();
    }

    /** The client's own end: it differs from the control connection's. */
    public InetSocketAddress localAddress() {
        return (InetSocketAddress) channel.localAddress();
    }

    /** Bytes that the socket took. */
    public long sentBytes() {
        return sentBytes.get();
    }

    /** Bytes that came. */
    public long receivedBytes() {
        return receivedBytes.get();
    }

    /** Closes both directions; returns when it is closed. */
    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
        onClose.run();
    }

    private void end() {
        if (ended.complete(null) && listener != null) {
            listener.onEnd();
        }
        closeIfDone();
    }

    /** Netty leaves a connection open of which both halves are shut. */
    private void closeIfDone() {
        if (ended.isDone() && ((DuplexChannel) channel).isOutputShutdown()) {
            channel.close();
        }
    }

    private void received(ByteBuf bytes) {
        try {
            receivedBytes.addAndGet(bytes.readableBytes());
            listener.onBytes(bytes);
        } finally {
            bytes.release();
        }
    }

    private void releaseEarly() {
        if (early != null) {
            early.release();
            early = null;
        }
    }

    private final class Reader extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            if (listener != null) {
                received(bytes);
            } else {
                early = early == null ? bytes : ctx.alloc().compositeBuffer().addComponents(true, early, bytes);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE || event == SslCloseCompletionEvent.SUCCESS) {
                end();
            }
            ctx.fireUserEventTriggered(event);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
