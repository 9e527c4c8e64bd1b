package io.turnpike.node.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.ScheduledFuture;
import io.turnpike.node.allocation.ByteStream;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.config.RelayConfig.ListenerTransport;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.transport.tls.ClientHello;
import io.turnpike.node.transport.tls.TlsService;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.StreamFramer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * One client's connection: frames in, messages out, after TLS where it is spoken. Until it has carried an allocation it
 * is a newcomer: it may hold only as much as a request needs, few of its network may wait beside it, and each step that it
 * has to take (handshake, first message, allocation) has a time-out, whatever it sends: a trickle of bytes keeps nothing
 * open. Confined to its event loop.
 */
final class TcpConnection extends ChannelInboundHandlerAdapter implements TcpClientLeg.Connection {
    /** The longest request of a newcomer: user name, realm, nonce and software at their longest, and room besides. */
    static final int MAX_REQUEST_BYTES = 4096;

    private static final int CHECKS_WITHOUT_ALLOCATION = 2;
    /** Content type of a TLS handshake record; no message of STUN or TURN begins so (RFC 7983 section 7). */
    private static final int TLS_HANDSHAKE = 0x16;

    private final RelayLoop loop;
    private final ClientMessages messages;
    private final StreamService streams;
    private final ListenerAddress listener;
    private ConnectionAddresses addresses;
    private Optional<String> tenant;
    private StreamFramer framer;
    private TcpClientLeg leg;
    private ScheduledFuture<?> deadline;
    private ScheduledFuture<?> check;
    private int checksWithoutAllocation;
    private boolean newcomer;
    private boolean secure;
    private boolean handshaking;
    private boolean heard;
    private boolean refused;
    private ChannelHandlerContext context;
    private boolean heldBack;
    private boolean ended;

    TcpConnection(RelayLoop loop, ClientMessages messages, StreamService streams, ListenerAddress listener) {
        this.loop = loop;
        this.messages = messages;
        this.streams = streams;
        this.listener = listener;
        tenant = listener.tenant();
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        context = ctx;
        addresses = ConnectionAddresses.of(ctx.channel());
        if (!streams.connections().claim(addresses, ctx.channel())) {
            refuse(ctx, DropReason.PROXY_HEADER_REFUSED);
            return;
        }
        if (!streams.newcomers().admit(addresses.client().getAddress())) {
            refuse(ctx, DropReason.TOO_MANY_CONNECTIONS);
            return;
        }
        newcomer = true;
        if (listener.transport() == ListenerTransport.TCP) {
            open(ctx, ClientTransport.TCP);
            return;
        }
        deadline(ctx, tls().handshakeTimeout(), DropReason.TLS_HANDSHAKE_FAILED);
        if (listener.transport() == ListenerTransport.TLS) {
            beginTls(ctx);
        }
    }

    /** Puts TLS in front of this handler; it goes on when the handshake has ended. */
    private void beginTls(ChannelHandlerContext ctx) {
        secure = true;
        ctx.pipeline().addBefore(ctx.name(), "unread", new UnreadBound(
                () -> loop.execute(() -> count(DropReason.MALFORMED_STREAM))));
        ctx.pipeline().addBefore(ctx.name(), "hello", tls().newHandler(hello -> admit(ctx, hello)));
    }

    private boolean admit(ChannelHandlerContext ctx, ClientHello hello) {
        if (!tls().handshakes().admit(addresses.client().getAddress())) {
            refuse(ctx, DropReason.TOO_MANY_HANDSHAKES);
            return false;
        }
        handshaking = true;
        tenant = tls().tenantOf(hello).or(listener::tenant);
        return true;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            handshakeEnded();
            if (handshake.isSuccess()) {
                open(ctx, ClientTransport.TLS);
            } else {
                // Who ends the handshake has sent its alert, and closes.
                count(DropReason.TLS_HANDSHAKE_FAILED);
            }
        } else if (event instanceof SslCloseCompletionEvent) {
            ended();
        } else if (event == ChannelInputShutdownEvent.INSTANCE) {
            ended();
        }
        ctx.fireUserEventTriggered(event);
    }

    private void open(ChannelHandlerContext ctx, ClientTransport transport) {
        framer = new StreamFramer(ctx.alloc(), MAX_REQUEST_BYTES);
        leg = new TcpClientLeg(new FiveTuple(transport, addresses.client(), addresses.server()),
                loop.outlet(ctx.channel()), this, tenant, streams.config());
        deadline(ctx, streams.config().firstMessageTimeout(), DropReason.CONNECTION_TIMEOUT);
        long checkNanos = streams.config().newcomerTimeout().dividedBy(CHECKS_WITHOUT_ALLOCATION).toNanos();
        check = ctx.executor().scheduleWithFixedDelay(() -> closeIfUseless(ctx), checkNanos, checkNanos,
                TimeUnit.NANOSECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (leg == null && !choose(ctx, bytes)) {
            return;
        }
        framer.add(bytes);
        readFrames(ctx);
    }

    private void readFrames(ChannelHandlerContext ctx) {
        for (ByteBuf frame = nextFrame(); frame != null; frame = nextFrame()) {
            if (!heard) {
                heard = true;
                deadline.cancel(false);
            }
            try {
                messages.message(frame, leg);
            } finally {
                frame.release();
            }
        }
        if (framer.violation() != StreamFramer.Violation.NONE) {
            refuse(ctx, DropReason.MALFORMED_STREAM);
        }
    }

    /** The first byte tells TLS from TURN; whether the bytes are this handler's. */
    private boolean choose(ChannelHandlerContext ctx, ByteBuf bytes) {
        if (refused || secure || !bytes.isReadable()) {
            bytes.release();
            return false;
        }
        if (bytes.getUnsignedByte(bytes.readerIndex()) == TLS_HANDSHAKE) {
            beginTls(ctx);
            ctx.pipeline().fireChannelRead(bytes);
            return false;
        }
        open(ctx, ClientTransport.TCP);
        return true;
    }

    private ByteBuf nextFrame() {
        if (newcomer && messages.hasAllocation(leg)) {
            welcome();
        }
        return heldBack || leg.isPaused() ? null : framer.next();
    }

    /** The client may end its direction right behind its ConnectionBind: that must not close the other one. */
    @Override
    public void holdBack() {
        heldBack = true;
        context.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    }

    @Override
    public void readOn() {
        heldBack = false;
        context.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
        // Later, because the refused message may still be in hand; unless the same has happened again by then.
        loop.execute(() -> {
            if (!heldBack && leg != null && context.channel().isActive()) {
                readFrames(context);
                closeIfEnded();
            }
        });
    }

    @Override
    public void goOn() {
        // Later, because what paused it may still be in hand.
        loop.execute(() -> {
            if (!heldBack && leg != null && context.channel().isActive()) {
                readFrames(context);
                closeIfEnded();
            }
        });
    }

    @Override
    public void becomeStream(int toLoop, ByteStream.Receiver receiver) {
        Channel channel = context.channel();
        ChannelStream stream = new ChannelStream(loop.sibling(toLoop), channel, receiver);
        if (channel.isActive()) {
            ByteBuf rest = framer.remainder();
            if (rest != null) {
                stream.add(rest);
            }
            if (ended) {
                stream.addEnd();
            }
            leave();
            context.pipeline().replace(this, null, stream);
        }
        stream.move();
    }

    /** The client has said its last word, and TURN has nothing to tell to one that asks no more. */
    private void ended() {
        ended = true;
        closeIfEnded();
    }

    private void closeIfEnded() {
        if (ended && !heldBack && !(leg != null && leg.isPaused())) {
            context.close();
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
        handshakeEnded();
        leave();
    }

    /** Nothing on this connection is TURN's business any more. */
    private void leave() {
        if (deadline != null) {
            deadline.cancel(false);
        }
        if (leg != null) {
            check.cancel(false);
            framer.close();
            leg.closed();
            messages.disconnected(leg);
        }
        if (newcomer) {
            welcome();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof DecoderException || cause instanceof SSLException) {
            // TLS refuses what the client sent: garbage, a forged record, a second handshake.
            refuse(ctx, leg == null ? DropReason.TLS_HANDSHAKE_FAILED : DropReason.MALFORMED_STREAM);
            return;
        }
        loop.errors().unexpected("stream client", ctx.channel(), cause);
        ctx.close();
    }

    private TlsService tls() {
        return streams.tls().orElseThrow();
    }

    /** It is counted among the newcomers no longer. */
    private void welcome() {
        newcomer = false;
        if (framer != null) {
            framer.limit(StreamFramer.MAX_FRAME_BYTES);
        }
        streams.newcomers().leave(addresses.client().getAddress());
    }

    private void handshakeEnded() {
        if (handshaking) {
            handshaking = false;
            tls().handshakes().leave(addresses.client().getAddress());
        }
    }

    private void closeIfUseless(ChannelHandlerContext ctx) {
        if (messages.hasAllocation(leg)) {
            checksWithoutAllocation = 0;
            if (newcomer) {
                welcome();
            }
        } else if (++checksWithoutAllocation == CHECKS_WITHOUT_ALLOCATION) {
            refuse(ctx, DropReason.CONNECTION_TIMEOUT);
        }
    }

    private void deadline(ChannelHandlerContext ctx, Duration after, DropReason reason) {
        if (deadline != null) {
            deadline.cancel(false);
        }
        deadline = ctx.executor().schedule(() -> refuse(ctx, reason), after.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void refuse(ChannelHandlerContext ctx, DropReason reason) {
        count(reason);
        ctx.close();
    }

    /** A connection is refused once, for the first reason. */
    private void count(DropReason reason) {
        if (!refused) {
            refused = true;
            messages.drop(reason);
        }
    }
}
