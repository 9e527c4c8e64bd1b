package io.turnpike.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A UDP peer that sends every datagram back to where it came from, and counts both ways: the far end of tests, load and
 * demo.
 *
 * <p>
 * It uses the JDK's channel, because Netty's NIO datagram channel silently drops empty datagrams, which TURN relays.
 */
public final class EchoPeer implements AutoCloseable {

    private static final int MAX_DATAGRAM_BYTES = 65535;
    private static final int SOCKET_BUFFER_BYTES = 4 << 20;

    private final AtomicLong receivedPackets = new AtomicLong();
    private final AtomicLong receivedBytes = new AtomicLong();
    private final AtomicLong echoedPackets = new AtomicLong();
    private final AtomicLong echoedBytes = new AtomicLong();
    private final DatagramChannel channel;
    private final InetSocketAddress address;
    private final Thread thread;

    private EchoPeer(DatagramChannel channel, InetSocketAddress address) {
        this.channel = channel;
        this.address = address;
        this.thread = new Thread(this::serve, "echo-peer-" + address.getPort());
        this.thread.setDaemon(true);
    }

    /**
     * Binds and serves on a daemon thread; port 0 takes a free one.
     *
     * @throws IllegalStateException
     *             if the address cannot be bound
     */
    public static EchoPeer start(InetSocketAddress address) {
        DatagramChannel channel = null;
        try {
            channel = DatagramChannel.open();
            channel.setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER_BYTES);
            channel.setOption(StandardSocketOptions.SO_SNDBUF, SOCKET_BUFFER_BYTES);
            channel.bind(address);
            EchoPeer peer = new EchoPeer(channel, (InetSocketAddress) channel.getLocalAddress());
            peer.thread.start();
            return peer;
        } catch (IOException e) {
            closeQuietly(channel);
            throw new IllegalStateException("cannot listen on " + address + ": " + e.getMessage(), e);
        }
    }

    /** Serves until the process ends. Arguments: host and port, 127.0.0.1 and 3480 unless given. */
    public static void main(String... args) throws InterruptedException {
        String host = args.length > 0 ? args[0] : "127.0.0.1";
        int port = args.length > 1 ? Integer.parseInt(args[1]) : 3480;
        try (EchoPeer peer = start(new InetSocketAddress(host, port))) {
            System.out.println("echoing UDP on " + peer.address());
            CountDownLatch ended = new CountDownLatch(1);
            Runtime.getRuntime().addShutdownHook(new Thread(ended::countDown));
            ended.await();
        }
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return address;
    }

    /** Datagrams that came. */
    public long receivedPackets() {
        return receivedPackets.get();
    }

    /** Payload bytes that came. */
    public long receivedBytes() {
        return receivedBytes.get();
    }

    /** Datagrams that went back. */
    public long echoedPackets() {
        return echoedPackets.get();
    }

    /** Payload bytes that went back. */
    public long echoedBytes() {
        return echoedBytes.get();
    }

    /** Stops, and returns when the socket is closed. */
    @Override
    public void close() {
        closeQuietly(channel);
    }

    private void serve() {
        ByteBuffer datagram = ByteBuffer.allocateDirect(MAX_DATAGRAM_BYTES);
        while (channel.isOpen()) {
            try {
                echo(datagram);
            } catch (ClosedChannelException e) {
                return;
            } catch (PortUnreachableException e) {
                // an ICMP error of a client that is gone concerns nobody here
            } catch (IOException e) {
                if (channel.isOpen()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private void echo(ByteBuffer datagram) throws IOException {
        datagram.clear();
        SocketAddress sender = channel.receive(datagram);
        datagram.flip();
        int bytes = datagram.remaining();
        receivedPackets.incrementAndGet();
        receivedBytes.addAndGet(bytes);
        channel.send(datagram, sender);
        echoedPackets.incrementAndGet();
        echoedBytes.addAndGet(bytes);
    }

    private static void closeQuietly(DatagramChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
