package io.turnpike.node.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.turnpike.node.allocation.Delivery;
import io.turnpike.node.allocation.HeldPort;
import io.turnpike.node.allocation.RelayListener;
import io.turnpike.node.allocation.RelaySocket;
import io.turnpike.node.allocation.RelaySockets;
import io.turnpike.node.allocation.RelayedAddresses;
import io.turnpike.node.usage.DropReason;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.util.Optional;

/** Opens relay sockets on one event loop: of UDP itself, of TCP through {@link TcpRelayListeners}. Confined to it. */
public final class UdpRelaySockets implements RelaySockets {
    /** The largest UDP payload is 65,507 bytes over IPv4 and 65,527 over IPv6; a smaller buffer would cut datagrams. */
    static final int DATAGRAM_BUFFER_BYTES = 65_536;
    private static final WriteBufferWaterMark QUEUE = new WriteBufferWaterMark(128 * 1024, 256 * 1024);

    private final SocketEngine engine;
    private final RelayLoop loop;
    private final Optional<RelayAddress> ipv4;
    private final Optional<RelayAddress> ipv6;
    private final RelayedAddresses liveUdp;
    private final RelayedAddresses liveTcp;
    private final int trafficClass;
    private final boolean canSetDontFragment;
    private final TcpRelayListeners listeners;

    /**
     * Opens nothing yet.
     *
     * @param engine how sockets are driven
     * @param loop the loop that owns what is opened
     * @param ipv4 relay address, if IPv4 is relayed
     * @param ipv6 relay address, if IPv6 is relayed
     * @param liveUdp relayed UDP addresses of this node, for translation where two relayed clients meet
     * @param liveTcp the same of TCP
     * @param trafficClass the IP header's traffic class of what is sent
     */
    public UdpRelaySockets(SocketEngine engine, RelayLoop loop, Optional<RelayAddress> ipv4,
            Optional<RelayAddress> ipv6,
            RelayedAddresses liveUdp, RelayedAddresses liveTcp, int trafficClass) {
        this.engine = engine;
        this.trafficClass = trafficClass;
        canSetDontFragment = engine.canSetDontFragment();
        listeners = new TcpRelayListeners(engine, loop, trafficClass);
        this.loop = loop;
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
        this.liveUdp = liveUdp;
        this.liveTcp = liveTcp;
    }

    @Override
    public boolean canSetDontFragment() {
        return canSetDontFragment;
    }

    @Override
    public boolean supports(ProtocolFamily family) {
        return addressOf(family).isPresent();
    }

    private Optional<RelayAddress> addressOf(ProtocolFamily family) {
        return family == StandardProtocolFamily.INET6 ? ipv6 : ipv4;
    }

    @Override
    public Optional<RelaySocket> open(ProtocolFamily family, int port, RelaySocket.Receiver receiver) {
        RelayAddress address = addressOf(family).orElseThrow();
        RelayChannel opened;
        try {
            opened = engine.relayChannel(address.bind(), trafficClass);
        } catch (IOException | ChannelException e) {
            loop.errors().noSocket(address.bind().getHostAddress(), e);
            return Optional.empty();
        }
        DatagramChannel channel = opened.channel();
        channel.config().setOption(ChannelOption.RECVBUF_ALLOCATOR,
                new FixedRecvByteBufAllocator(DATAGRAM_BUFFER_BYTES));
        channel.config().setWriteBufferWaterMark(QUEUE);
        InetSocketAddress relayed = new InetSocketAddress(address.advertised(), port);
        Socket socket = new Socket(loop.outlet(channel), opened, new AdvertisedAddresses(address, liveUdp), relayed,
                receiver);
        channel.pipeline().addLast(socket);
        // On their own loop, registration and bind are done when the calls return.
        ChannelFuture registered = loop.eventLoop().register(channel);
        if (!registered.isSuccess()) {
            channel.unsafe().closeForcibly();
            return Optional.empty();
        }
        if (!channel.bind(new InetSocketAddress(address.bind(), port)).isSuccess()) {
            channel.close();
            return Optional.empty();
        }
        return Optional.of(socket);
    }

    @Override
    public Optional<RelayListener> listen(ProtocolFamily family, int port, RelayListener.Receiver receiver) {
        RelayAddress address = addressOf(family).orElseThrow();
        return listeners.listen(new AdvertisedAddresses(address, liveTcp), port, receiver);
    }

    /** A plain socket that nobody reads: it may be let go of on another loop than the one that made it. */
    @Override
    public Optional<HeldPort> hold(ProtocolFamily family, int port) {
        RelayAddress address = addressOf(family).orElseThrow();
        try {
            DatagramSocket held = new DatagramSocket(new InetSocketAddress(address.bind(), port));
            return Optional.of(held::close);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private final class Socket extends ChannelInboundHandlerAdapter implements RelaySocket {
        private final Outlet outlet;
        private final RelayChannel opened;
        private final AdvertisedAddresses names;
        private final InetSocketAddress relayed;
        private final RelaySocket.Receiver receiver;
        private boolean dontFragment;

        Socket(Outlet outlet, RelayChannel opened, AdvertisedAddresses names, InetSocketAddress relayed,
                RelaySocket.Receiver receiver) {
            this.outlet = outlet;
            this.opened = opened;
            this.names = names;
            this.relayed = relayed;
            this.receiver = receiver;
        }

        @Override
        public InetSocketAddress relayedAddress() {
            return relayed;
        }

        @Override
        public boolean isWritable() {
            return outlet.isWritable();
        }

        @Override
        public void send(ByteBuf payload, InetSocketAddress peer, int clientWireBytes,
                Delivery delivery) {
            int payloadBytes = payload.readableBytes();
            if (payloadBytes == 0) {
                payload.release();
                sendEmpty(names.toBound(peer), clientWireBytes, delivery);
                return;
            }
            outlet.write(new DatagramPacket(payload, names.toBound(peer)),
                    new DeliveryPromise(outlet, delivery, clientWireBytes,
                            payloadBytes, DropReason.PEER_SEND_FAILED));
        }

        /** What waits was given under the old setting and must leave under it. */
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
        public void close() {
            outlet.flush();
            outlet.channel().close();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            DatagramPacket packet = (DatagramPacket) message;
            try {
                receiver.datagram(packet.content(), names.toAdvertised(packet.sender()));
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
            loop.errors().unexpected("relay socket", ctx.channel(), cause);
        }

        private void sendEmpty(InetSocketAddress peer, int clientWireBytes, Delivery delivery) {
            outlet.flush();
            try {
                opened.empty().send(peer);
                delivery.delivered(clientWireBytes, 0);
            } catch (IOException e) {
                delivery.refused(clientWireBytes, 0, DropReason.PEER_SEND_FAILED);
            }
        }
    }
}
