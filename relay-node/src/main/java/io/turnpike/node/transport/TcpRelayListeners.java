package io.turnpike.node.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.turnpike.node.allocation.ByteStream;
import io.turnpike.node.allocation.RelayListener;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Opens listening relay sockets of TCP on one event loop (RFC 6062 section 5). Confined to it.
 *
 * <p>A connection to a peer begins at the relayed transport address, so its socket is bound to the listener's port: both
 * have SO_REUSEADDR and SO_REUSEPORT. The listener gets the latter only after it was bound, because a port that is bound
 * with it could be taken a second time by another relay of the same user. A socket that does not listen takes no
 * connections away from the listener.
 */
final class TcpRelayListeners {
    private static final int BACKLOG = 128;
    private static final int NO_TIMEOUT = 0;

    private final SocketEngine engine;
    private final RelayLoop loop;
    private final int trafficClass;

    TcpRelayListeners(SocketEngine engine, RelayLoop loop, int trafficClass) {
        this.engine = engine;
        this.loop = loop;
        this.trafficClass = trafficClass;
    }

    /** Listens on a port of a relay address; empty if the operating system refuses. */
    Optional<RelayListener> listen(RelayAddress address, AdvertisedAddresses names, int port,
            RelayListener.Receiver receiver) {
        ServerSocketChannel channel;
        try {
            channel = engine.serverChannel(address.bind());
        } catch (ChannelException e) {
            loop.errors().noSocket(address.bind().getHostAddress(), e);
            return Optional.empty();
        }
        channel.config().setBacklog(BACKLOG).setReuseAddress(true);
        Listening listening = new Listening(channel, names,
                new InetSocketAddress(address.bind(), port), new InetSocketAddress(address.advertised(), port),
                receiver);
        channel.pipeline().addLast(listening);
        // On their own loop, registration and bind are done when the calls return.
        if (!loop.eventLoop().register(channel).isSuccess()) {
            channel.unsafe().closeForcibly();
            return Optional.empty();
        }
        if (!channel.bind(listening.bound).isSuccess()) {
            channel.close();
            return Optional.empty();
        }
        engine.sharePort(channel);
        return Optional.of(listening);
    }

    private final class Listening extends ChannelInboundHandlerAdapter implements RelayListener {
        private final ServerSocketChannel listener;
        private final AdvertisedAddresses names;
        private final InetSocketAddress bound;
        private final InetSocketAddress relayed;
        private final RelayListener.Receiver receiver;

        Listening(ServerSocketChannel listener, AdvertisedAddresses names, InetSocketAddress bound,
                InetSocketAddress relayed, RelayListener.Receiver receiver) {
            this.listener = listener;
            this.names = names;
            this.bound = bound;
            this.relayed = relayed;
            this.receiver = receiver;
        }

        @Override
        public InetSocketAddress relayedAddress() {
            return relayed;
        }

        @Override
        public ByteStream connect(InetSocketAddress peer, ByteStream.Receiver toTell) {
            SocketChannel channel;
            try {
                channel = engine.streamChannel(bound.getAddress());
            } catch (ChannelException e) {
                loop.errors().noSocket(bound.getAddress().getHostAddress(), e);
                toTell.closed();
                return null;
            }
            ChannelStream stream = new ChannelStream(loop, channel, toTell);
            channel.config().setOption(ChannelOption.IP_TOS, trafficClass);
            channel.config().setOption(ChannelOption.SO_REUSEADDR, true);
            // The allocation's own deadline ends the attempt.
            channel.config().setOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, NO_TIMEOUT);
            engine.sharePort(channel);
            channel.pipeline().addLast(stream);
            if (!loop.eventLoop().register(channel).isSuccess()) {
                channel.unsafe().closeForcibly();
            } else if (channel.bind(bound).isSuccess()) {
                channel.connect(names.toBound(peer)).addListener(connected -> {
                    if (!connected.isSuccess()) {
                        channel.close();
                    }
                });
            } else {
                channel.close();
            }
            channel.closeFuture().addListener(closed -> stream.start());
            return stream;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            Channel channel = (Channel) message;
            // Null if the peer is gone already.
            InetSocketAddress remote = (InetSocketAddress) channel.remoteAddress();
            if (remote == null) {
                channel.unsafe().closeForcibly();
                return;
            }
            ByteStream.Receiver reader = receiver.connected(names.toAdvertised(remote));
            if (reader == null) {
                channel.unsafe().closeForcibly();
                return;
            }
            ChannelStream stream = new ChannelStream(loop, channel, reader);
            channel.config().setOption(ChannelOption.IP_TOS, trafficClass);
            channel.pipeline().addLast(stream);
            channel.closeFuture().addListener(closed -> stream.start());
            if (!loop.eventLoop().register(channel).isSuccess()) {
                channel.unsafe().closeForcibly();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            loop.errors().unexpected("relay listener", ctx.channel(), cause);
        }

        @Override
        public void close() {
            listener.close();
        }
    }
}
