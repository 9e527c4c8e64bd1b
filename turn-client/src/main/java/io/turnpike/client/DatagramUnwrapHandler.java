package io.turnpike.client;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;

/** Takes the bytes out of datagrams; the channel is connected, so the sender is known. */
final class DatagramUnwrapHandler extends ChannelInboundHandlerAdapter {

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ctx.fireChannelRead(((DatagramPacket) message).content());
    }
}
