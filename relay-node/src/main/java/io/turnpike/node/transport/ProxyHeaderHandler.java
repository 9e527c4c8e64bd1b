package io.turnpike.node.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.util.concurrent.ScheduledFuture;
import io.turnpike.node.config.CidrBlock;
import io.turnpike.node.usage.DropReason;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The first handler of a listener behind proxies: nothing else of the connection begins before it has read the header
 * that names the client. Bounded in time, in size, and in connections that wait for one. Confined to the event loop.
 */
final class ProxyHeaderHandler extends ChannelInboundHandlerAdapter {
    private final ClientMessages messages;
    private final StreamService streams;
    private final List<CidrBlock> trusted;
    private ScheduledFuture<?> deadline;
    private InetAddress waitingFor;
    private ByteBuf held;
    private boolean over;

    /** @param trusted networks of the proxies; none named trusts whoever connects */
    ProxyHeaderHandler(ClientMessages messages, StreamService streams, List<CidrBlock> trusted) {
        this.messages = messages;
        this.streams = streams;
        this.trusted = trusted;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        InetAddress proxy = ((InetSocketAddress) ctx.channel().remoteAddress()).getAddress();
        if (!isTrusted(proxy)) {
            refuse(ctx, DropReason.PROXY_HEADER_REFUSED);
        } else if (!streams.unproxied().admit(proxy)) {
            refuse(ctx, DropReason.TOO_MANY_CONNECTIONS);
        } else {
            waitingFor = proxy;
            deadline = ctx.executor().schedule(() -> refuse(ctx, DropReason.PROXY_HEADER_REFUSED),
                    streams.config().firstMessageTimeout().toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private boolean isTrusted(InetAddress proxy) {
        if (trusted.isEmpty()) {
            return true;
        }
        ByteBuffer words = ByteBuffer.wrap(proxy.getAddress());
        if (words.remaining() == Integer.BYTES) {
            int ipv4 = words.getInt();
            return trusted.stream().anyMatch(block -> block.contains(ipv4));
        }
        long high = words.getLong();
        long low = words.getLong();
        return trusted.stream().anyMatch(block -> block.contains(high, low));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (over) {
            bytes.release();
            return;
        }
        hold(ctx, bytes);
        ProxyHeader header = ProxyHeader.read(held);
        switch (header.outcome()) {
            case INCOMPLETE -> {
            }
            case MALFORMED -> refuse(ctx, DropReason.PROXY_HEADER_REFUSED);
            case COMPLETE -> begin(ctx, header);
        }
    }

    private void hold(ChannelHandlerContext ctx, ByteBuf bytes) {
        if (held == null) {
            held = bytes;
            return;
        }
        ByteBuf both = ctx.alloc().buffer(held.readableBytes() + bytes.readableBytes()).writeBytes(held)
                .writeBytes(bytes);
        held.release();
        bytes.release();
        held = both;
    }

    /** The connection begins: for those behind, as if the header had never been. */
    private void begin(ChannelHandlerContext ctx, ProxyHeader header) {
        leave();
        header.named().ifPresent(named -> named.name(ctx.channel()));
        ByteBuf rest = held.skipBytes(header.bytes());
        held = null;
        // First out of the way: who is behind may put handlers before itself, and give them these bytes from the start.
        ChannelPipeline pipeline = ctx.pipeline();
        pipeline.remove(this);
        pipeline.fireChannelActive();
        if (rest.isReadable()) {
            pipeline.fireChannelRead(rest);
        } else {
            rest.release();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        leave();
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (held != null) {
            held.release();
            held = null;
        }
    }

    private void refuse(ChannelHandlerContext ctx, DropReason reason) {
        messages.drop(reason);
        leave();
        ctx.close();
    }

    private void leave() {
        over = true;
        if (deadline != null) {
            deadline.cancel(false);
        }
        if (waitingFor != null) {
            streams.unproxied().leave(waitingFor);
            waitingFor = null;
        }
    }
}
