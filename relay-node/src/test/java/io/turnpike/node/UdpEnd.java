package io.turnpike.node;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.socket.SocketProtocolFamily;
import io.turnpike.node.transport.linux.Datagrams;
import io.turnpike.node.transport.linux.Lane;
import io.turnpike.node.transport.linux.SystemCalls;
import io.turnpike.stun.TransportAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/** A client's or peer's UDP socket that sends datagrams back to back and never waits. Confined to one thread. */
interface UdpEnd extends AutoCloseable {
    int BUFFER_BYTES = 4 << 20;
    int LARGEST_BYTES = 65_535;

    /** Where it is bound. */
    InetSocketAddress address();

    /** Sends datagrams in order, all of them. */
    void send(List<byte[]> datagrams, InetSocketAddress to);

    /** The next datagram, or null if there is none now. */
    byte[] receive();

    @Override
    void close();

    /**
     * Opens one.
     *
     * @param address port 0 takes a free one
     * @param bursts whether the kernel gets and gives bursts as one, which needs Linux's own calls
     */
    static UdpEnd open(InetSocketAddress address, boolean bursts) {
        try {
            return bursts ? new Bursting(address) : new Plain(address);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One call for each datagram. */
    final class Plain implements UdpEnd {
        private final DatagramChannel channel = DatagramChannel.open();
        private final ByteBuffer datagram = ByteBuffer.allocateDirect(LARGEST_BYTES);

        private Plain(InetSocketAddress address) throws IOException {
            try {
                channel.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER_BYTES);
                channel.setOption(StandardSocketOptions.SO_SNDBUF, BUFFER_BYTES);
                channel.bind(address).configureBlocking(false);
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        }

        @Override
        public InetSocketAddress address() {
            return (InetSocketAddress) channel.socket().getLocalSocketAddress();
        }

        @Override
        public void send(List<byte[]> datagrams, InetSocketAddress to) {
            try {
                for (byte[] each : datagrams) {
                    datagram.clear().put(each).flip();
                    // On loopback a datagram has arrived, or is lost, when the call returns: there is always room.
                    channel.send(datagram, to);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public byte[] receive() {
            try {
                datagram.clear();
                return channel.receive(datagram) == null
                        ? null
                        : ByteBufUtil.getBytes(Unpooled.wrappedBuffer(datagram.flip()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Few calls for many datagrams; neighbours of one size are a burst, which the kernel hands over as one if it can. */
    final class Bursting implements UdpEnd {
        private static final int SOL_UDP = 17;
        private static final int UDP_GRO = 104;
        private static final int READS = 16;

        private final Datagrams datagrams = new Datagrams(SystemCalls.find().orElseThrow().open());
        private final Queue<byte[]> received = new ArrayDeque<>();
        private final LinuxSocket socket;
        private final Lane lane;

        private Bursting(InetSocketAddress address) throws IOException {
            boolean ipv6 = address.getAddress() instanceof Inet6Address;
            socket = LinuxSocket.newSocketDgram(ipv6 ? SocketProtocolFamily.INET6 : SocketProtocolFamily.INET);
            try {
                socket.setReceiveBufferSize(BUFFER_BYTES);
                socket.setSendBufferSize(BUFFER_BYTES);
                socket.setIntOpt(SOL_UDP, UDP_GRO, 1);
                socket.bind(address);
            } catch (IOException e) {
                socket.close();
                throw e;
            }
            lane = new Lane(socket.intValue(), ipv6, BUFFER_BYTES, () -> {});
        }

        @Override
        public InetSocketAddress address() {
            return socket.localAddress();
        }

        @Override
        public void send(List<byte[]> all, InetSocketAddress to) {
            TransportAddress destination = TransportAddress.of(to);
            for (byte[] each : all) {
                datagrams.send(lane, Unpooled.EMPTY_BUFFER, Unpooled.wrappedBuffer(each), 0, each.length, 0,
                        destination, 0, 0, null, null, true);
            }
            datagrams.flush();
            while (!datagrams.resume(lane)) {
                Thread.onSpinWait();
            }
        }

        @Override
        public byte[] receive() {
            if (received.isEmpty()) {
                datagrams.receive(lane, READS, (datagram, source) -> received.add(ByteBufUtil.getBytes(datagram)));
            }
            return received.poll();
        }

        @Override
        public void close() {
            datagrams.close(lane);
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A payload that is like no other of its size. */
    static byte[] payload(int number, int size) {
        byte[] payload = new byte[size];
        for (int i = 0; i < size; i++) {
            payload[i] = (byte) (i * 31 + (number >>> 8 * (i & 3)));
        }
        return payload;
    }
}
