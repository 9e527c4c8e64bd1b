package io.turnpike.node.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelException;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import io.turnpike.node.allocation.Delivery;
import io.turnpike.node.transport.linux.Datagrams;
import io.turnpike.node.transport.linux.Inbox;
import io.turnpike.node.transport.linux.Lane;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.AddressCursor;
import io.turnpike.stun.Endpoint;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * A UDP socket by Linux's own calls. Netty's epoll loop says when it is readable, so that it shares a thread with
 * connections and timers. Level triggered: what one call leaves behind is told again. Confined to its loop.
 */
final class LinuxUdpSocket implements UdpSocket, EpollIoHandle, Inbox.Reader, Lane.Owner {
    /** Datagrams or bursts of one call: a listener gathers those of many clients, a relay socket serves a few peers. */
    private static final int LISTENER_READS = 16;
    private static final int RELAY_READS = 4;
    private static final int SOL_UDP = 17;
    private static final int UDP_SEGMENT = 103;
    private static final int UDP_GRO = 104;
    private static final int EAGAIN = 11;
    private static final int EINTR = 4;
    private static final EpollIoOps READ = EpollIoOps.EPOLLIN;
    private static final EpollIoOps READ_AND_WRITE = EpollIoOps.EPOLLIN.with(EpollIoOps.EPOLLOUT);

    private final RelayLoop loop;
    private final LinuxSocket socket;
    private final InetSocketAddress localAddress;
    private final Datagrams datagrams;
    private final Lane lane;
    private final int reads;
    private final Receiver receiver;
    private IoRegistration registration;
    /** Whether a relay socket is still as the kernel makes them: what only data needs is set when there is data. */
    private boolean sendsPrepared;
    private boolean readsPrepared;
    private boolean waitsToWrite;
    private boolean dontFragment;
    private boolean closed;

    private LinuxUdpSocket(RelayLoop loop, LinuxSocket socket, InetSocketAddress localAddress, Options options,
            Receiver receiver) {
        this.loop = loop;
        this.socket = socket;
        this.receiver = receiver;
        this.localAddress = localAddress;
        sendsPrepared = !options.fragmentable();
        datagrams = loop.datagrams();
        reads = options.sharesPort() ? LISTENER_READS : RELAY_READS;
        lane = new Lane(socket.intValue(), localAddress.getAddress() instanceof Inet6Address,
                options.queueBytes(), this);
    }

    /** Why this kernel will not do: one that does not know bursts (before 4.18) would send one as a single datagram. */
    static Optional<String> obstacle() {
        return knowsOption(UDP_SEGMENT)
                ? Optional.empty()
                : Optional.of("the kernel sends no bursts (UDP_SEGMENT), Linux 4.18 and later do");
    }

    static boolean knowsOption(int udpOption) {
        LinuxSocket socket = LinuxSocket.newSocketDgram(SocketProtocolFamily.INET);
        boolean known = setOption(socket, udpOption, 0);
        try {
            socket.close();
        } catch (IOException e) {
            return false;
        }
        return known;
    }

    /** False if the kernel does not know the option. */
    private static boolean setOption(LinuxSocket socket, int udpOption, int value) {
        try {
            socket.setIntOpt(SOL_UDP, udpOption, value);
            return true;
        } catch (IOException | ChannelException e) {
            return false;
        }
    }

    /**
     * Opens a socket on its loop.
     *
     * @throws IOException if the operating system refuses
     */
    static LinuxUdpSocket open(RelayLoop loop, InetSocketAddress address, Options options, Receiver receiver)
            throws IOException {
        boolean ipv6 = address.getAddress() instanceof Inet6Address;
        LinuxSocket socket = LinuxSocket.newSocketDgram(ipv6 ? SocketProtocolFamily.INET6 : SocketProtocolFamily.INET);
        try {
            if (options.trafficClass() != 0) {
                socket.setTrafficClass(options.trafficClass());
            }
            if (options.receiveBytes() > 0) {
                socket.setReceiveBufferSize(options.receiveBytes());
            }
            if (options.sharesPort()) {
                socket.setReusePort(true);
            }
            socket.bind(address);
            InetSocketAddress bound = address.getPort() == 0 ? socket.localAddress() : address;
            LinuxUdpSocket opened = new LinuxUdpSocket(loop, socket, bound, options, receiver);
            opened.register();
            return opened;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * Kernels before 5.0 do not put bursts together: then each datagram comes alone, as the first one here does, and is read
     * all the same.
     */
    private void receiveBursts() {
        readsPrepared = true;
        setOption(socket, UDP_GRO, 1);
    }

    private void register() throws IOException {
        Future<IoRegistration> registering = ((IoEventLoop) loop.eventLoop()).register(this);
        if (!registering.isSuccess()) {
            throw new IOException("cannot register a socket", registering.cause());
        }
        registration = registering.getNow();
        registration.submit(READ);
    }

    @Override
    public FileDescriptor fd() {
        return socket;
    }

    @Override
    public void handle(IoRegistration where, IoEvent event) {
        EpollIoOps ready = ((EpollIoEvent) event).ops();
        if (!closed && (ready.contains(EpollIoOps.EPOLLIN) || ready.contains(EpollIoOps.EPOLLERR))) {
            read();
        }
        if (!closed && waitsToWrite && ready.contains(EpollIoOps.EPOLLOUT) && datagrams.resume(lane)) {
            waitsToWrite = false;
            registration.submit(READ);
            receiver.writableAgain();
        }
    }

    private void read() {
        loop.flushDatagramsLater();
        if (!readsPrepared) {
            receiveBursts();
        }
        int received = datagrams.receive(lane, reads, this);
        if (received < 0 && received != -EAGAIN && received != -EINTR) {
            loop.errors().unreadable(localAddress, -received);
        }
    }

    @Override
    public void datagram(ByteBuf datagram, AddressCursor source) {
        if (closed) {
            return;
        }
        datagrams.remember(lane);
        try {
            receiver.datagram(datagram, source);
        } catch (RuntimeException e) {
            loop.errors().unexpected("UDP socket", localAddress, e);
        }
    }

    @Override
    public RelayLoop loop() {
        return loop;
    }

    @Override
    public InetSocketAddress localAddress() {
        return localAddress;
    }

    @Override
    public boolean isWritable() {
        return lane.isWritable();
    }

    @Override
    public void send(ByteBuf head, ByteBuf payload, int index, int bytes, int padding, Endpoint to,
            int clientWireBytes, int payloadBytes, Delivery delivery, DropReason failure) {
        if (closed) {
            delivery.refused(clientWireBytes, payloadBytes, failure);
            return;
        }
        if (!sendsPrepared) {
            allowFragments();
        }
        loop.flushDatagramsLater();
        datagrams.send(lane, head, payload, index, bytes, padding, to, clientWireBytes, payloadBytes, delivery,
                failure, false);
    }

    @Override
    public void sendControl(ByteBuf message, Endpoint to) {
        if (closed) {
            message.release();
            return;
        }
        loop.flushDatagramsLater();
        datagrams.send(lane, Unpooled.EMPTY_BUFFER, message, message.readerIndex(), message.readableBytes(), 0, to, 0,
                0, null, null, true);
    }

    /** Before the first datagram to a peer: many allocations never have one. */
    private void allowFragments() {
        sendsPrepared = true;
        try {
            SocketEngine.forbidFragments(socket, lane.isIpv6(), false);
        } catch (IOException | ChannelException e) {
            loop.errors().unexpected("UDP socket", localAddress, e);
        }
    }

    @Override
    public boolean dontFragment(boolean wanted) {
        if (closed) {
            return true;
        }
        if (!sendsPrepared) {
            allowFragments();
        }
        if (wanted == dontFragment) {
            return true;
        }
        flush();
        if (!lane.isEmpty()) {
            return false;
        }
        try {
            SocketEngine.forbidFragments(socket, lane.isIpv6(), wanted);
        } catch (IOException | ChannelException e) {
            return false;
        }
        dontFragment = wanted;
        return true;
    }

    @Override
    public void flush() {
        if (!closed) {
            datagrams.flush(lane);
        }
    }

    /** What the kernel has left behind goes on when it says that it can take more. */
    @Override
    public void full() {
        if (!waitsToWrite && !closed) {
            waitsToWrite = true;
            registration.submit(READ_AND_WRITE);
        }
    }

    @Override
    public UdpSocket on(RelayLoop other) {
        if (other != loop) {
            throw new IllegalArgumentException("every loop has a socket of its own");
        }
        return this;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        // Nothing is added to the lane from now on: it would be sent to whomever the number of the socket is given next.
        closed = true;
        datagrams.close(lane);
        try {
            socket.close();
        } catch (IOException e) {
            loop.errors().unexpected("UDP socket", localAddress, e);
        }
        // After the close, with which the kernel takes the socket out of epoll by itself.
        registration.cancel();
    }
}
