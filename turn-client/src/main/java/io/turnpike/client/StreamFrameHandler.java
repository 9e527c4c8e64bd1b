package io.turnpike.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

import io.turnpike.stun.StreamFramer;

/** Cuts what comes over TCP into messages; closes the connection if it cannot. */
final class StreamFrameHandler extends ChannelInboundHandlerAdapter {

    private StreamFramer framer;

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        framer = new StreamFramer(ctx.alloc(), StreamFramer.MAX_FRAME_BYTES);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        framer.add((ByteBuf) message);
        for (ByteBuf frame = framer.next(); frame != null; frame = framer.next()) {
            ctx.fireChannelRead(frame);
        }
        if (framer.violation() != StreamFramer.Violation.NONE) {
            ctx.close();
        }
    }

    /** Hands over what was not cut yet: from now on the stream is a peer's (RFC 6062 section 4.3). Null if nothing is. */
    ByteBuf remainder() {
        return framer.remainder();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        framer.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        framer.close();
        ctx.fireChannelInactive();
    }
}
