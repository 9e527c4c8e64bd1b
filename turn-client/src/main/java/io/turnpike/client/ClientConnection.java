package io.turnpike.client;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;

import io.turnpike.stun.ChannelData;
import io.turnpike.stun.ConnectionId;
import io.turnpike.stun.Malformed;
import io.turnpike.stun.PacketKind;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;

/**
 * The last handler of the client's pipeline: tells responses from data, and counts both. Confined to the channel's event
 * loop.
 */
final class ClientConnection extends SimpleChannelInboundHandler<ByteBuf> {

    private final StunFrame frame = new StunFrame();
    private final ChannelData channelData = new ChannelData();
    /** Read by a client that the allocation moves to, which has another event loop. */
    private final Map<Integer, InetSocketAddress> channels = new ConcurrentHashMap<>();
    private final TrafficCounters counters = new TrafficCounters();
    private final boolean stream;
    private final Duration rto;
    private DataListener listener;
    private ConnectionAttemptListener attempts = ConnectionAttemptListener.NONE;
    private ChannelHandlerContext context;
    private Transactions transactions;

    ClientConnection(boolean stream, Duration rto, DataListener listener) {
        this.stream = stream;
        this.rto = rto;
        this.listener = listener;
    }

    TrafficCounters counters() {
        return counters;
    }

    void listener(DataListener newListener) {
        listener = newListener;
    }

    void attempts(ConnectionAttemptListener newListener) {
        attempts = newListener;
    }

    /** Names the peer of a channel, so that its data has a sender. */
    void bound(int channelNumber, InetSocketAddress peer) {
        channels.put(channelNumber, peer);
    }

    Map<Integer, InetSocketAddress> channels() {
        return Map.copyOf(channels);
    }

    CompletableFuture<StunAnswer> request(TransactionId id, byte[] request, Predicate<StunFrame> acceptable) {
        return transactions.start(id, request, acceptable);
    }

    /** Sends relayed data, which is counted once the socket took it. */
    CompletableFuture<Void> sendData(ByteBuf message, int payloadBytes) {
        int wireBytes = message.readableBytes();
        return write(message, () -> counters.dataSent(wireBytes, payloadBytes));
    }

    /** Sends anything else. */
    CompletableFuture<Void> sendControl(ByteBuf message) {
        int wireBytes = message.readableBytes();
        return write(message, () -> counters.controlSent(wireBytes));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        transactions = new Transactions(ctx.channel().eventLoop(), this::sendControl, stream, rto);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf message) {
        switch (PacketKind.fromClient(message)) {
            case STUN -> readStun(message);
            case CHANNEL_DATA -> readChannelData(message);
            case ZRTP, DTLS, RTP, UNKNOWN -> counters.unreadablePacket();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        transactions.close(new ClosedChannelException());
        ctx.fireChannelInactive();
    }

    /** A connected datagram socket reports ICMP errors here; retransmission deals with them. A stream is over. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (stream || !(cause instanceof IOException)) {
            transactions.close(cause);
            ctx.close();
        }
    }

    private void readStun(ByteBuf message) {
        if (frame.wrap(message) != Malformed.NONE || frame.fingerprintContradicts()) {
            counters.unreadablePacket();
        } else if (frame.method() == StunMethod.DATA) {
            readDataIndication(message);
        } else {
            counters.controlReceived(message.readableBytes());
            if (frame.messageClass() == StunClass.SUCCESS_RESPONSE
                    || frame.messageClass() == StunClass.ERROR_RESPONSE) {
                transactions.complete(frame, message);
            } else if (frame.method() == StunMethod.CONNECTION_ATTEMPT) {
                readConnectionAttempt();
            }
        }
    }

    private void readConnectionAttempt() {
        InetSocketAddress peer = frame.peerAddress();
        if (peer != null) {
            frame.get(ConnectionId.class).ifPresent(connection -> attempts.onAttempt(peer, connection.id()));
        }
    }

    private void readDataIndication(ByteBuf message) {
        InetSocketAddress peer = frame.peerAddress();
        if (peer == null || frame.dataIndex() < 0) {
            counters.controlReceived(message.readableBytes());
            return;
        }
        counters.dataReceived(message.readableBytes(), frame.dataBytes());
        listener.onData(peer, message.slice(frame.dataIndex(), frame.dataBytes()));
    }

    private void readChannelData(ByteBuf message) {
        InetSocketAddress peer = channelData.wrap(message) == Malformed.NONE
                ? channels.get(channelData.channelNumber())
                : null;
        if (peer == null) {
            counters.unreadablePacket();
            return;
        }
        counters.dataReceived(channelData.wireBytes(), channelData.dataBytes());
        listener.onData(peer, message.slice(channelData.dataIndex(), channelData.dataBytes()));
    }

    private CompletableFuture<Void> write(ByteBuf message, Runnable onSent) {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        context.writeAndFlush(message).addListener((ChannelFutureListener) future -> {
            if (future.isSuccess()) {
                onSent.run();
                sent.complete(null);
            } else {
                counters.sendRefused();
                sent.completeExceptionally(future.cause());
            }
        });
        return sent;
    }
}
