package io.turnpike.client;

import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;

/**
 * DTLS under the protocol, on the Java runtime's own engine: another implementation than the relay's, so that each is
 * tested against one that shares no code with it. One message is one record is one datagram. Confined to the channel's
 * event loop.
 */
final class DtlsClientHandler extends ChannelDuplexHandler {

    /** RFC 6347 section 4.2.4.1: first retransmission after a second, doubled each time. */
    private static final long FIRST_RETRANSMISSION_MILLIS = 1000;
    private static final int MAX_RETRANSMISSIONS = 5;
    private static final int RECORD_BYTES = 1 << 14;
    private static final int PACKET_BYTES = 1 << 16;

    private final SSLEngine engine;
    private final Queue<Unsent> unsent = new ArrayDeque<>();
    private final ByteBuffer plaintext = ByteBuffer.allocate(PACKET_BYTES);
    private final ByteBuffer packet = ByteBuffer.allocate(PACKET_BYTES);
    private Promise<Void> handshake;
    private ScheduledFuture<?> retransmission;
    private int retransmissions;

    private record Unsent(ByteBuf message, ChannelPromise promise) {}

    /** @param engine a client's for DTLS */
    DtlsClientHandler(SSLEngine engine) {
        this.engine = engine;
    }

    /** Succeeds when messages can be sent; fails if the server is not who it should be, or silent. */
    Future<Void> handshake() {
        return handshake;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        handshake = ctx.executor().newPromise();
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) throws Exception {
        engine.beginHandshake();
        shakeHands(ctx);
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        ByteBuf datagram = (ByteBuf) message;
        try {
            ByteBuffer records = datagram.nioBuffer();
            while (records.hasRemaining() && unwrap(ctx, records) == Status.OK) {
                shakeHands(ctx);
            }
        } catch (SSLException e) {
            fail(ctx, e);
        } finally {
            datagram.release();
        }
    }

    private Status unwrap(ChannelHandlerContext ctx, ByteBuffer records) throws SSLException {
        plaintext.clear();
        int before = records.remaining();
        SSLEngineResult result = engine.unwrap(records, plaintext);
        finishedIf(ctx, result);
        if (plaintext.flip().hasRemaining()) {
            ctx.fireChannelRead(ctx.alloc().buffer(plaintext.remaining()).writeBytes(plaintext));
        }
        if (result.getStatus() == Status.CLOSED) {
            shakeHands(ctx);
            ctx.close();
        }
        return records.remaining() == before ? Status.BUFFER_UNDERFLOW : result.getStatus();
    }

    private void shakeHands(ChannelHandlerContext ctx) throws SSLException {
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> {
                    for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                        task.run();
                    }
                }
                case NEED_WRAP -> {
                    if (!wrapFlight(ctx)) {
                        return;
                    }
                }
                // A record that came too early is taken from the engine's own store.
                case NEED_UNWRAP_AGAIN -> unwrap(ctx, ByteBuffer.allocate(0));
                case NEED_UNWRAP -> {
                    scheduleRetransmission(ctx);
                    return;
                }
                case FINISHED, NOT_HANDSHAKING -> {
                    return;
                }
            }
        }
    }

    private boolean wrapFlight(ChannelHandlerContext ctx) throws SSLException {
        packet.clear();
        SSLEngineResult result = engine.wrap(ByteBuffer.allocate(0), packet);
        finishedIf(ctx, result);
        packet.flip();
        if (packet.hasRemaining()) {
            ctx.writeAndFlush(ctx.alloc().buffer(packet.remaining()).writeBytes(packet));
        }
        return result.getStatus() == Status.OK && result.bytesProduced() > 0;
    }

    private void scheduleRetransmission(ChannelHandlerContext ctx) {
        if (retransmission == null && !handshake.isDone()) {
            long wait = FIRST_RETRANSMISSION_MILLIS << retransmissions;
            retransmission = ctx.executor().schedule(() -> retransmit(ctx), wait, TimeUnit.MILLISECONDS);
        }
    }

    private void retransmit(ChannelHandlerContext ctx) {
        retransmission = null;
        if (handshake.isDone()) {
            return;
        }
        if (++retransmissions > MAX_RETRANSMISSIONS) {
            fail(ctx, new SSLException("no DTLS handshake with the server: it does not answer"));
            return;
        }
        try {
            // Wrapping while it waits makes the engine send its last flight again.
            while (engine.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP && wrapFlight(ctx)) {
                continue;
            }
            shakeHands(ctx);
            scheduleRetransmission(ctx);
        } catch (SSLException e) {
            fail(ctx, e);
        }
    }

    private void finishedIf(ChannelHandlerContext ctx, SSLEngineResult result) {
        if (result.getHandshakeStatus() == HandshakeStatus.FINISHED && handshake.trySuccess(null)) {
            for (Unsent next = unsent.poll(); next != null; next = unsent.poll()) {
                seal(ctx, next.message, next.promise);
            }
            ctx.flush();
        }
    }

    private void fail(ChannelHandlerContext ctx, Throwable cause) {
        if (handshake.tryFailure(cause)) {
            try {
                shakeHands(ctx); // the alert
            } catch (SSLException e) {
                cause.addSuppressed(e);
            }
            ctx.close();
        } else {
            ctx.fireExceptionCaught(cause);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (handshake.isSuccess()) {
            seal(ctx, (ByteBuf) message, promise);
        } else {
            unsent.add(new Unsent((ByteBuf) message, promise));
        }
    }

    private void seal(ChannelHandlerContext ctx, ByteBuf message, ChannelPromise promise) {
        try {
            if (message.readableBytes() > RECORD_BYTES) {
                throw new SSLException("a message of " + message.readableBytes() + " bytes does not fit a record");
            }
            packet.clear();
            engine.wrap(message.nioBuffer(), packet);
            packet.flip();
            ctx.write(Unpooled.buffer(packet.remaining()).writeBytes(packet), promise);
        } catch (SSLException e) {
            promise.setFailure(e);
        } finally {
            message.release();
        }
    }

    /** Says goodbye (RFC 5246 section 7.2.1). */
    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
        if (handshake.isSuccess()) {
            engine.closeOutbound();
            try {
                shakeHands(ctx);
            } catch (SSLException e) {
                ctx.fireExceptionCaught(e);
            }
        }
        ctx.close(promise);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        handshake.tryFailure(new ClosedChannelException());
        if (retransmission != null) {
            retransmission.cancel(false);
        }
        for (Unsent next = unsent.poll(); next != null; next = unsent.poll()) {
            next.message.release();
            next.promise.setFailure(new ClosedChannelException());
        }
        ctx.fireChannelInactive();
    }
}
