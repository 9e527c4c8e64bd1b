package io.turnpike.node.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.StreamFramer;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * One client's connection: frames in, messages out. Until it has carried an allocation it is a newcomer: it may hold only
 * as much as a request needs, and few of its network may wait beside it. Without an allocation it is closed within a
 * minute, whatever it sends: a trickle of bytes keeps nothing open. Confined to its event loop.
 */
final class TcpConnection extends ChannelInboundHandlerAdapter {
    /** How often it is looked at; closed the second time that it carries no allocation. */
    static final long CHECK_SECONDS = 30;
    /** The longest request of a newcomer: user name, realm, nonce and software at their longest, and room besides. */
    static final int MAX_REQUEST_BYTES = 4096;

    private static final int CHECKS_WITHOUT_ALLOCATION = 2;

    private final RelayLoop loop;
    private final ClientMessages messages;
    private final Newcomers newcomers;
    private StreamFramer framer;
    private TcpClientLeg leg;
    private ScheduledFuture<?> check;
    private int checksWithoutAllocation;
    private boolean newcomer;

    TcpConnection(RelayLoop loop, ClientMessages messages, Newcomers newcomers) {
        this.loop = loop;
        this.messages = messages;
        this.newcomers = newcomers;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        InetSocketAddress client = (InetSocketAddress) ctx.channel().remoteAddress();
        if (!newcomers.admit(client.getAddress())) {
            messages.drop(DropReason.TOO_MANY_CONNECTIONS);
            ctx.close();
            return;
        }
        newcomer = true;
        framer = new StreamFramer(ctx.alloc(), MAX_REQUEST_BYTES);
        leg = new TcpClientLeg(
                new FiveTuple(ClientTransport.TCP, client, (InetSocketAddress) ctx.channel().localAddress()),
                loop.outlet(ctx.channel()));
        check = ctx.executor().scheduleWithFixedDelay(() -> closeIfUseless(ctx), CHECK_SECONDS, CHECK_SECONDS,
                TimeUnit.SECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (leg == null) {
            bytes.release();
            return;
        }
        framer.add(bytes);
        for (ByteBuf frame = nextFrame(); frame != null; frame = nextFrame()) {
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

    private ByteBuf nextFrame() {
        if (newcomer && messages.hasAllocation(leg)) {
            welcome();
        }
        return framer.next();
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
            check.cancel(false);
            framer.close();
            if (newcomer) {
                welcome();
            }
            messages.disconnected(leg);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        loop.errors().unexpected("tcp client", ctx.channel(), cause);
        ctx.close();
    }

    /** It is counted among the newcomers no longer. */
    private void welcome() {
        newcomer = false;
        framer.limit(StreamFramer.MAX_FRAME_BYTES);
        newcomers.leave(leg.fiveTuple().client().getAddress());
    }

    private void closeIfUseless(ChannelHandlerContext ctx) {
        if (messages.hasAllocation(leg)) {
            checksWithoutAllocation = 0;
            if (newcomer) {
                welcome();
            }
        } else if (++checksWithoutAllocation == CHECKS_WITHOUT_ALLOCATION) {
            ctx.close();
        }
    }
}
