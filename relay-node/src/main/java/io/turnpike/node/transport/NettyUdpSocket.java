package io.turnpike.node.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DatagramPacket;
import io.turnpike.node.allocation.Delivery;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.AddressCursor;
import io.turnpike.stun.Endpoint;
import java.io.IOException;
import java.net.InetSocketAddress;

/** A UDP socket as a Netty channel, epoll's or the selectors'. Confined to its loop. */
final class NettyUdpSocket implements UdpSocket {
    /** The largest UDP payload is 65,507 bytes over IPv4 and 65,527 over IPv6; a smaller buffer would cut datagrams. */
    private static final int DATAGRAM_BUFFER_BYTES = 65_536;
    private static final int LARGEST_WASTE = 4;
    private static final int LEAST_KEPT_BYTES = 64;

    private final RelayLoop loop;
    private final RelayChannel opened;
    private final Outlet outlet;
    private boolean dontFragment;

    private NettyUdpSocket(RelayLoop loop, RelayChannel opened) {
        this.loop = loop;
        this.opened = opened;
        outlet = loop.outlet(opened.channel());
    }

    /**
     * Opens a socket on its loop, where registration and bind are done when the calls return.
     *
     * @throws IOException if the operating system refuses
     */
    static NettyUdpSocket open(SocketEngine engine, RelayLoop loop, InetSocketAddress address, Options options,
            Receiver receiver) throws IOException {
        RelayChannel opened = engine.relayChannel(address.getAddress());
        Channel channel = opened.channel();
        try {
            channel.config().setOption(ChannelOption.IP_TOS, options.trafficClass());
            channel.config().setOption(ChannelOption.RECVBUF_ALLOCATOR,
                    new FixedRecvByteBufAllocator(DATAGRAM_BUFFER_BYTES));
            channel.config().setWriteBufferWaterMark(
                    new WriteBufferWaterMark(options.queueBytes() / 2, options.queueBytes()));
            if (options.receiveBytes() > 0) {
                channel.config().setOption(ChannelOption.SO_RCVBUF, options.receiveBytes());
            }
            if (options.fragmentable()) {
                opened.fragments().forbid(false);
            }
            if (options.sharesPort()) {
                engine.sharePort(channel);
            }
        } catch (IOException | ChannelException e) {
            channel.unsafe().closeForcibly();
            throw e;
        }
        NettyUdpSocket socket = new NettyUdpSocket(loop, opened);
        channel.pipeline().addLast(new Reader(loop, receiver));
        var registered = loop.eventLoop().register(channel);
        if (!registered.isSuccess()) {
            channel.unsafe().closeForcibly();
            throw new IOException("cannot register a socket", registered.cause());
        }
        var bound = channel.bind(address);
        if (!bound.isSuccess()) {
            channel.close();
            throw bound.cause() instanceof IOException refused ? refused : new IOException(bound.cause());
        }
        return socket;
    }

    /** A socket over a channel that is open already. */
    static NettyUdpSocket over(RelayLoop loop, Channel channel) {
        return new NettyUdpSocket(loop, new RelayChannel(channel, peer -> {}, forbidden -> {}));
    }

    Channel channel() {
        return opened.channel();
    }

    @Override
    public RelayLoop loop() {
        return loop;
    }

    @Override
    public InetSocketAddress localAddress() {
        return (InetSocketAddress) opened.channel().localAddress();
    }

    @Override
    public boolean isWritable() {
        return outlet.isWritable();
    }

    @Override
    public void send(ByteBuf head, ByteBuf payload, int index, int bytes, int padding, Endpoint to,
            int clientWireBytes, int payloadBytes, Delivery delivery, DropReason failure) {
        int headBytes = head.readableBytes();
        if (headBytes + bytes == 0) {
            sendEmpty(to, clientWireBytes, delivery, failure);
            return;
        }
        ByteBuf datagram;
        if (headBytes + padding > 0) {
            datagram = loop.buffers().buffer(headBytes + bytes + padding)
                    .writeBytes(head, head.readerIndex(), headBytes).writeBytes(payload, index, bytes)
                    .writeZero(padding);
        } else {
            datagram = kept(payload, index, bytes);
        }
        outlet.write(new DatagramPacket(datagram, to.socketAddress()),
                new DeliveryPromise(outlet, delivery, clientWireBytes, payloadBytes, failure));
    }

    /** A piece of the payload, or a copy where the piece would keep a far larger buffer while it waits in a queue. */
    private static ByteBuf kept(ByteBuf payload, int index, int bytes) {
        return payload.capacity() > LARGEST_WASTE * (bytes + LEAST_KEPT_BYTES)
                ? payload.copy(index, bytes)
                : payload.retainedSlice(index, bytes);
    }

    private void sendEmpty(Endpoint to, int clientWireBytes, Delivery delivery, DropReason failure) {
        outlet.flush();
        try {
            opened.empty().send(to.socketAddress());
            delivery.delivered(clientWireBytes, 0);
        } catch (IOException e) {
            delivery.refused(clientWireBytes, 0, failure);
        }
    }

    @Override
    public void sendControl(ByteBuf message, Endpoint to) {
        outlet.write(new DatagramPacket(message, to.socketAddress()), outlet.channel().newPromise());
    }

    @Override
    public boolean dontFragment(boolean wanted) {
        if (wanted == dontFragment) {
            return true;
        }
        outlet.flush();
        if (!outlet.isDrained()) {
            return false;
        }
        try {
            opened.fragments().forbid(wanted);
        } catch (IOException | ChannelException e) {
            return false;
        }
        dontFragment = wanted;
        return true;
    }

    @Override
    public void flush() {
        outlet.flush();
    }

    @Override
    public UdpSocket on(RelayLoop other) {
        return other == loop ? this : new NettyUdpSocket(other, opened);
    }

    @Override
    public void close() {
        outlet.flush();
        opened.channel().close();
    }

    private static final class Reader extends ChannelInboundHandlerAdapter {
        private final RelayLoop loop;
        private final Receiver receiver;
        private final AddressCursor source = new AddressCursor();

        Reader(RelayLoop loop, Receiver receiver) {
            this.loop = loop;
            this.receiver = receiver;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            DatagramPacket packet = (DatagramPacket) message;
            try {
                source.set(packet.sender());
                receiver.datagram(packet.content(), source);
            } finally {
                packet.release();
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            if (ctx.channel().isWritable()) {
                receiver.writableAgain();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            loop.errors().unexpected("UDP socket", ctx.channel(), cause);
        }
    }
}
