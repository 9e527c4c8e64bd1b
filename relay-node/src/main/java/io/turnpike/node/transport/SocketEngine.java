package io.turnpike.node.transport;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.spi.SelectorProvider;

/** How sockets are driven: native epoll on Linux, the JDK's selectors anywhere. */
public enum SocketEngine {
    /** Native epoll: every event loop binds the same port with SO_REUSEPORT and the kernel spreads the flows. */
    EPOLL {
        @Override
        IoHandlerFactory ioHandlers() {
            return EpollIoHandler.newFactory();
        }

        @Override
        DatagramChannel datagramChannel(InetAddress address) {
            return new EpollDatagramChannel(familyOf(address));
        }

        @Override
        ServerSocketChannel serverChannel(InetAddress address) {
            return new EpollServerSocketChannel(familyOf(address));
        }

        @Override
        RelayChannel relayChannel(InetAddress address) {
            EpollDatagramChannel channel = new EpollDatagramChannel(familyOf(address));
            return new RelayChannel(channel, peer -> ((Socket) channel.fd()).sendTo(ByteBuffer.allocateDirect(0), 0, 0,
                    peer.getAddress(), peer.getPort()));
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
        DatagramChannel datagramChannel(InetAddress address) {
            return new NioDatagramChannel(familyOf(address));
        }

        @Override
        ServerSocketChannel serverChannel(InetAddress address) {
            return new NioServerSocketChannel(SelectorProvider.provider(), familyOf(address));
        }

        @Override
        RelayChannel relayChannel(InetAddress address) throws IOException {
            java.nio.channels.DatagramChannel channel = SelectorProvider.provider().openDatagramChannel(
                    address instanceof Inet6Address ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET);
            return new RelayChannel(new NioDatagramChannel(channel),
                    peer -> channel.send(ByteBuffer.allocate(0), peer));
        }

        @Override
        boolean sharesPorts() {
            return false;
        }
    };

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

    abstract DatagramChannel datagramChannel(InetAddress address);

    /** A channel for a relay socket; it fails where no socket can be had. */
    abstract RelayChannel relayChannel(InetAddress address) throws IOException;

    abstract ServerSocketChannel serverChannel(InetAddress address);

    /** Whether several sockets may be bound to one port and the kernel keeps each flow on one of them. */
    abstract boolean sharesPorts();

    private static SocketProtocolFamily familyOf(InetAddress address) {
        return address instanceof Inet6Address ? SocketProtocolFamily.INET6 : SocketProtocolFamily.INET;
    }
}
