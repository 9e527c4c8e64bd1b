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
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.Socket;
import io.turnpike.node.transport.linux.SystemCalls;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.spi.SelectorProvider;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How sockets are driven: by Linux's own calls, by Netty's native epoll, by the JDK's selectors anywhere. */
public enum SocketEngine {
    /** UDP by Linux's own calls through the JDK's foreign functions; everything else as {@link #EPOLL} does it. */
    LINUX {
        @Override
        Optional<String> obstacle() {
            if (SystemCalls.find().isEmpty()) {
                return Optional.of(Runtime.version().feature() < FOREIGN_FUNCTIONS
                        ? "it needs JDK 22 or later"
                        : "this build has no part for JDK 22 and later, build it with one");
            }
            return EPOLL.obstacle().or(LinuxUdpSocket::obstacle);
        }

        @Override
        UdpSocket udpSocket(RelayLoop loop, InetSocketAddress address, UdpSocket.Options options,
                UdpSocket.Receiver receiver) throws IOException {
            return LinuxUdpSocket.open(loop, address, options, receiver);
        }

        @Override
        IoHandlerFactory ioHandlers() {
            return EPOLL.ioHandlers();
        }

        @Override
        void boundUnsentBytes(ServerBootstrap bootstrap, int bytes) {
            EPOLL.boundUnsentBytes(bootstrap, bytes);
        }

        @Override
        ServerSocketChannel serverChannel(InetAddress address) {
            return EPOLL.serverChannel(address);
        }

        @Override
        SocketChannel streamChannel(InetAddress address) {
            return EPOLL.streamChannel(address);
        }

        @Override
        void sharePort(Channel channel) {
            EPOLL.sharePort(channel);
        }

        @Override
        RelayChannel relayChannel(InetAddress address) throws IOException {
            return EPOLL.relayChannel(address);
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

    /** Native epoll: every event loop binds the same port with SO_REUSEPORT and the kernel spreads the flows. */
    EPOLL {
        @Override
        Optional<String> obstacle() {
            return Epoll.isAvailable() ? Optional.empty() : Optional.of(String.valueOf(Epoll.unavailabilityCause()));
        }

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
            boolean ipv6 = address instanceof Inet6Address;
            return new RelayChannel(channel, peer -> ((Socket) channel.fd()).sendTo(ByteBuffer.allocateDirect(0), 0, 0,
                    peer.getAddress(), peer.getPort()),
                    forbidden -> forbidFragments((Socket) channel.fd(), ipv6, forbidden));
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
        Optional<String> obstacle() {
            return Optional.empty();
        }

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
    private static final int IPPROTO_IP = 0;
    private static final int IP_DISCOVER = 10;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_DISCOVER = 23;
    /** Netty knows the option of listening channels only; from asm-generic/socket.h. */
    private static final IntegerUnixChannelOption REUSE_PORT = new IntegerUnixChannelOption("SO_REUSEPORT", 1, 15);
    private static final Logger LOG = LoggerFactory.getLogger(SocketEngine.class);
    private static final int FOREIGN_FUNCTIONS = 22;
    private static final int PMTUDISC_DONT = 0;
    private static final int PMTUDISC_DO = 2;

    /**
     * Chooses the engine.
     *
     * @param setting the key {@code transport}: auto, which takes the first that works here, linux, epoll or nio
     * @throws IllegalArgumentException if the setting is unknown, or what it names does not work here
     */
    public static SocketEngine choose(String setting) {
        if (setting.equals("auto")) {
            return chooseBest();
        }
        for (SocketEngine engine : values()) {
            if (engine.label().equals(setting)) {
                engine.obstacle().ifPresent(reason -> {
                    throw new IllegalArgumentException(
                            "transport: " + setting + " does not work here (" + reason + "); use auto");
                });
                return engine;
            }
        }
        throw new IllegalArgumentException("transport: must be auto, linux, epoll or nio, not '" + setting + "'");
    }

    private static SocketEngine chooseBest() {
        for (SocketEngine engine : values()) {
            Optional<String> obstacle = engine.obstacle();
            if (obstacle.isEmpty()) {
                LOG.info("transport engine={}", engine.label());
                return engine;
            }
            LOG.info("transport engine={} is not used reason=\"{}\"", engine.label(), obstacle.get());
        }
        throw new IllegalStateException("selectors work anywhere");
    }

    /** Its name in the configuration. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Why it does not work here; empty if it does. */
    abstract Optional<String> obstacle();

    /** Sets or clears the DF bit of what a Linux socket sends. */
    static void forbidFragments(Socket socket, boolean ipv6, boolean forbidden) throws IOException {
        socket.setIntOpt(ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, ipv6 ? IPV6_DISCOVER : IP_DISCOVER,
                forbidden ? PMTUDISC_DO : PMTUDISC_DONT);
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
