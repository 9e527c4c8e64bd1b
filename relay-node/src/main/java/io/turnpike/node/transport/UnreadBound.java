package io.turnpike.node.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;

/**
 * Hangs up on a client of TLS that leaves unread what the TLS library itself has said to it. The library answers every
 * request for new keys (RFC 8446 section 4.6.3), the JDK's however many come, and to stop reading does not help: TLS reads
 * on until it has something to tell. Relayed data and answers have bounds of their own, far below this one. Stands between
 * the socket and TLS, and stays when the connection becomes a stream; confined to the event loop of the channel.
 */
final class UnreadBound extends ChannelInboundHandlerAdapter {
    /** More than a full connection holds, with the answers to all requests that fit one read. */
    static final long MOST_BYTES = 1 << 20;

    private final Runnable onExceeded;

    /** @param onExceeded told once, before the connection is closed without a word */
    UnreadBound(Runnable onExceeded) {
        this.onExceeded = onExceeded;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.fireChannelReadComplete();
        ChannelOutboundBuffer unread = ctx.channel().unsafe().outboundBuffer();
        if (unread != null && unread.totalPendingWriteBytes() > MOST_BYTES) {
            onExceeded.run();
            ctx.close();
        }
    }
}
