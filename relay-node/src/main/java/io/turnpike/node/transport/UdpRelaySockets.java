package io.turnpike.node.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelException;
import io.turnpike.node.allocation.Delivery;
import io.turnpike.node.allocation.HeldPort;
import io.turnpike.node.allocation.RelayListener;
import io.turnpike.node.allocation.RelaySocket;
import io.turnpike.node.allocation.RelaySockets;
import io.turnpike.node.allocation.RelayedAddresses;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.AddressCursor;
import io.turnpike.stun.Endpoint;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.util.List;
import java.util.Optional;

/** Opens relay sockets on one event loop: of UDP itself, of TCP through {@link TcpRelayListeners}. Confined to it. */
public final class UdpRelaySockets implements RelaySockets {
    private static final int QUEUE_BYTES = 256 * 1024;

    private final SocketEngine engine;
    private final RelayLoop loop;
    private final Family ipv4;
    private final Family ipv6;
    private final UdpSocket.Options options;
    private final boolean canSetDontFragment;
    private final TcpRelayListeners listeners;

    /**
     * Opens nothing yet.
     *
     * @param engine how sockets are driven
     * @param loop the loop that owns what is opened
     * @param ipv4 relay addresses; none if IPv4 is not relayed
     * @param ipv6 relay addresses; none if IPv6 is not relayed
     * @param liveUdp relayed UDP addresses of this node, for translation where two relayed clients meet
     * @param liveTcp the same of TCP
     * @param trafficClass the IP header's traffic class of what is sent
     */
    public UdpRelaySockets(SocketEngine engine, RelayLoop loop, List<RelayAddress> ipv4,
            List<RelayAddress> ipv6, RelayedAddresses liveUdp, RelayedAddresses liveTcp, int trafficClass) {
        this.engine = engine;
        options = new UdpSocket.Options(0, QUEUE_BYTES, false, trafficClass, true);
        canSetDontFragment = engine.canSetDontFragment();
        listeners = new TcpRelayListeners(engine, loop, trafficClass);
        this.loop = loop;
        this.ipv4 = new Family(ipv4, new AdvertisedAddresses(ipv4, liveUdp), new AdvertisedAddresses(ipv4, liveTcp));
        this.ipv6 = new Family(ipv6, new AdvertisedAddresses(ipv6, liveUdp), new AdvertisedAddresses(ipv6, liveTcp));
    }

    private record Family(List<RelayAddress> addresses, AdvertisedAddresses udpNames, AdvertisedAddresses tcpNames) {}

    @Override
    public boolean canSetDontFragment() {
        return canSetDontFragment;
    }

    @Override
    public boolean supports(ProtocolFamily family) {
        return !of(family).addresses.isEmpty();
    }

    private Family of(ProtocolFamily family) {
        return family == StandardProtocolFamily.INET6 ? ipv6 : ipv4;
    }

    @Override
    public Optional<RelaySocket> open(ProtocolFamily family, int host, int port, RelaySocket.Receiver receiver) {
        RelayAddress address = of(family).addresses.get(host);
        InetSocketAddress bound = new InetSocketAddress(address.bind(), port);
        InetSocketAddress relayed = address.isTranslated() ? new InetSocketAddress(address.advertised(), port) : bound;
        Socket opened = new Socket(of(family).udpNames, relayed, receiver);
        try {
            opened.socket = engine.udpSocket(loop, bound, options, opened);
            return Optional.of(opened);
        } catch (BindException e) {
            return Optional.empty();
        } catch (IOException | ChannelException e) {
            loop.errors().noSocket(address.bind().getHostAddress(), e);
            return Optional.empty();
        }
    }

    @Override
    public Optional<RelayListener> listen(ProtocolFamily family, int host, int port, RelayListener.Receiver receiver) {
        RelayAddress address = of(family).addresses.get(host);
        return listeners.listen(address, of(family).tcpNames, port, receiver);
    }

    /** A plain socket that nobody reads: it may be let go of on another loop than the one that made it. */
    @Override
    public Optional<HeldPort> hold(ProtocolFamily family, int host, int port) {
        RelayAddress address = of(family).addresses.get(host);
        try {
            DatagramSocket held = new DatagramSocket(new InetSocketAddress(address.bind(), port));
            return Optional.of(held::close);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** A relay socket, which knows peers under the names that they have among the node's clients. */
    private static final class Socket implements RelaySocket, UdpSocket.Receiver {
        private final AdvertisedAddresses names;
        private final InetSocketAddress relayedAddress;
        private final RelaySocket.Receiver receiver;
        private UdpSocket socket;

        Socket(AdvertisedAddresses names, InetSocketAddress relayedAddress, RelaySocket.Receiver receiver) {
            this.names = names;
            this.relayedAddress = relayedAddress;
            this.receiver = receiver;
        }

        @Override
        public InetSocketAddress relayedAddress() {
            return relayedAddress;
        }

        @Override
        public void datagram(ByteBuf datagram, AddressCursor source) {
            names.toAdvertised(source);
            receiver.datagram(datagram, source);
        }

        @Override
        public void writableAgain() {
            receiver.writableAgain();
        }

        @Override
        public boolean isWritable() {
            return socket.isWritable();
        }

        @Override
        public void send(ByteBuf message, int index, int bytes, Endpoint peer, int clientWireBytes,
                Delivery delivery) {
            socket.send(Unpooled.EMPTY_BUFFER, message, index, bytes, 0, names.toBound(peer), clientWireBytes, bytes,
                    delivery, DropReason.PEER_SEND_FAILED);
        }

        @Override
        public boolean dontFragment(boolean wanted) {
            return socket.dontFragment(wanted);
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
