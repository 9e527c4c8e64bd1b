package io.turnpike.node.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;

import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.spi.SelectorProvider;
import java.util.Optional;

/** How sockets are driven: native epoll on Linux, the JDK's selectors anywhere. */
public enum SocketEngine {
    /** Native epoll: every event loop binds the same port with SO_REUSEPORT and the kernel spreads the flows. */
    EPOLL {
        @Override
        IoHandlerFactory ioHandlers() {
            return EpollIoHandler.newFactory();
        }

        @Override
        void boundUnsentBytes(ServerBootstrap bootstrap, int bytes) {
            bootstrap.childOption(EpollChannelOption.TCP_NOTSENT_LOWAT, (long) bytes);
        }

        @Override
        ServerSocketChannel serverChannel(InetAddress address) {
            return new EpollServerSocketChannel(familyOf(address));
        }

        @Override
        SocketChannel streamChannel(InetAddress address) {
            return new EpollSocketChannel(familyOf(address));
        }

        @Override
        void sharePort(Channel channel) {
            channel.config().setOption(REUSE_PORT, 1);
        }

        @Override
        RelayChannel relayChannel(InetAddress address) {
            EpollDatagramChannel channel = new EpollDatagramChannel(familyOf(address));
            IntegerUnixChannelOption discovery = address instanceof Inet6Address ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER;
            return new RelayChannel(channel, peer -> ((Socket) channel.fd()).sendTo(ByteBuffer.allocateDirect(0), 0, 0,
                    peer.getAddress(), peer.getPort()),
                    forbidden -> channel.config().setOption(discovery, forbidden ? PMTUDISC_DO : PMTUDISC_DONT));
        }

        @Override
        boolean canSetDontFragment() {
            return true;
        }

        @Override
        boolean sharesPorts() {
            return true;
        }
    },

    /** JDK selectors: one channel for each listener; a datagram is handed to the loop that owns its flow. */
    NIO {
        @Override
        IoHandlerFactory ioHandlers() {
            return NioIoHandler.newFactory();
        }

        @Override
        void boundUnsentBytes(ServerBootstrap bootstrap, int bytes) {
            // The JDK has no such option; the kernel's send buffer decides how much waits there.
        }

        @Override
        ServerSocketChannel serverChannel(InetAddress address) {
            return new NioServerSocketChannel(SelectorProvider.provider(), familyOf(address));
        }

        @Override
        SocketChannel streamChannel(InetAddress address) {
            return new NioSocketChannel(SelectorProvider.provider(), familyOf(address));
        }

        @Override
        void sharePort(Channel channel) {
            channel.config().setOption(NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT), true);
        }

        @Override
        RelayChannel relayChannel(InetAddress address) throws IOException {
            java.nio.channels.DatagramChannel channel = SelectorProvider.provider().openDatagramChannel(
                    address instanceof Inet6Address ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET);
            return new RelayChannel(new NioDatagramChannel(channel),
                    peer -> channel.send(ByteBuffer.allocate(0), peer), forbidden -> {
                        Optional<SocketOption<Boolean>> option = dontFragment(channel);
                        if (option.isPresent()) {
                            channel.setOption(option.get(), forbidden);
                        }
                    });
        }

        @Override
        boolean canSetDontFragment() {
            try (java.nio.channels.DatagramChannel channel = java.nio.channels.DatagramChannel.open()) {
                return dontFragment(channel).isPresent();
            } catch (IOException e) {
                return false;
            }
        }

        @Override
        boolean sharesPorts() {
            return false;
        }
    };

    /** From linux/in.h and linux/in6.h, the same on every architecture. */
    private static final IntegerUnixChannelOption IP_MTU_DISCOVER = new IntegerUnixChannelOption("IP_MTU_DISCOVER", 0,
            10);
    private static final IntegerUnixChannelOption IPV6_MTU_DISCOVER = new IntegerUnixChannelOption(
            "IPV6_MTU_DISCOVER", 41, 23);
    /** Netty knows the option of listening channels only; from asm-generic/socket.h. */
    private static final IntegerUnixChannelOption REUSE_PORT = new IntegerUnixChannelOption("SO_REUSEPORT", 1, 15);
    private static final int PMTUDISC_DONT = 0;
    private static final int PMTUDISC_DO = 2;

    /**
     * Chooses the engine.
     *
     * @param setting the key {@code transport}: auto, epoll or nio
     * @throws IllegalArgumentException if the setting is unknown or epoll is asked for and cannot be loaded
     */
    public static SocketEngine choose(String setting) {
        switch (setting) {
            case "auto" :
                return Epoll.isAvailable() ? EPOLL : NIO;
            case "nio" :
                return NIO;
            case "epoll" :
                if (!Epoll.isAvailable()) {
                    throw new IllegalArgumentException(
                            "transport: epoll is not available here (" + Epoll.unavailabilityCause()
                                    + "); use auto or nio");
                }
                return EPOLL;
            default :
                throw new IllegalArgumentException("transport: must be auto, epoll or nio, not '" + setting + "'");
        }
    }

    abstract IoHandlerFactory ioHandlers();

    /** Keeps the operating system from hoarding unsent bytes of accepted connections, where it can be told. */
    abstract void boundUnsentBytes(ServerBootstrap bootstrap, int bytes);

    /** A channel for a UDP socket; it fails where no socket can be had. */
    abstract RelayChannel relayChannel(InetAddress address) throws IOException;

    /**
     * Opens a UDP socket on a loop; called on that loop.
     *
     * @throws java.net.BindException if the port is taken
     * @throws IOException if the operating system refuses otherwise
     */
    UdpSocket udpSocket(RelayLoop loop, InetSocketAddress address, UdpSocket.Options options,
            UdpSocket.Receiver receiver) throws IOException {
        return NettyUdpSocket.open(this, loop, address, options, receiver);
    }

    /** Whether the DF bit of what a relay socket sends can be set. */
    abstract boolean canSetDontFragment();

    /** A channel that can be bound and connected. */
    abstract SocketChannel streamChannel(InetAddress address);

    /** Lets other sockets of this process be bound to the channel's port, if they allow the same. */
    abstract void sharePort(Channel channel);

    abstract ServerSocketChannel serverChannel(InetAddress address);

    /** Whether several sockets may be bound to one port and the kernel keeps each flow on one of them. */
    abstract boolean sharesPorts();

    /** The JDK's IP_DONTFRAGMENT, which exists since release 19: found among the options, so that 17 compiles and runs. */
    @SuppressWarnings("unchecked")
    private static Optional<SocketOption<Boolean>> dontFragment(java.nio.channels.DatagramChannel channel) {
        return channel.supportedOptions().stream()
                .filter(option -> option.name().equals("IP_DONTFRAGMENT") && option.type() == Boolean.class)
                .map(option -> (SocketOption<Boolean>) option).findFirst();
    }

    private static SocketProtocolFamily familyOf(InetAddress address) {
        return address instanceof Inet6Address ? SocketProtocolFamily.INET6 : SocketProtocolFamily.INET;
    }
}
