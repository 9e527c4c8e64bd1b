package io.turnpike.node.transport.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Buffer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.function.ToIntFunction;

/**
 * A kernel that holds every message against the rules of sendmsg(2) and udp(7), and answers as a test wants. It reads and
 * writes the memory that the headers point at.
 */
final class FakeKernel implements SystemCalls {
    static final int EPERM = 1;
    static final int EINTR = 4;
    static final int EIO = 5;
    static final int EAGAIN = 11;
    static final int EINVAL = 22;
    static final int EMSGSIZE = 90;
    static final int EOPNOTSUPP = 95;
    /** What one call may gather (UIO_MAXIOV). */
    private static final int MOST_VECTORS = 1024;
    private static final int ROOM_BYTES = 65_536;

    private final List<Message> sent = new ArrayList<>();
    private final Queue<Arrival> arriving = new ArrayDeque<>();
    private ToIntFunction<Message> judge = message -> 0;
    private int mostPerCall = Integer.MAX_VALUE;
    private int claimedTooMany;
    private int sendCalls;

    /**
     * One message: a datagram, or a burst of several.
     *
     * @param scope of an IPv6 address
     * @param segment size of a burst's datagrams, 0 if it is none
     */
    record Message(int fd, InetSocketAddress to, int scope, int segment, List<byte[]> datagrams) {
        boolean isBurst() {
            return segment > 0;
        }
    }

    /**
     * A datagram or burst on its way in.
     *
     * @param name the sender as the kernel writes it
     * @param control the control message, empty if there is none
     */
    private record Arrival(byte[] name, byte[] bytes, byte[] control, int claimedBytes) {}

    FakeKernel() {
        assertThat(Epoll.isAvailable()).as("the library that knows where memory lies").isTrue();
    }

    /** What has left, in order. */
    List<Message> sent() {
        return sent;
    }

    /** The datagrams that have left, in order. */
    List<byte[]> datagrams() {
        return sent.stream().flatMap(message -> message.datagrams().stream()).toList();
    }

    /** Calls to send that were made. */
    int sendCalls() {
        return sendCalls;
    }

    /** Answers with an error number for a message, or takes it where that is 0. */
    void judge(ToIntFunction<Message> by) {
        judge = by;
    }

    /** Takes no more messages than these in one call. */
    void takeAtMost(int messages) {
        mostPerCall = messages;
    }

    /** Claims more messages than it was given. */
    void claimTooMany(int more) {
        claimedTooMany = more;
    }

    /** A datagram arrives. */
    void arrive(InetSocketAddress from, byte[] bytes) {
        arrive(name(from, 0), bytes, new byte[0]);
    }

    /** A burst arrives as one, whose datagrams have this size but for the last. */
    void arriveTogether(InetSocketAddress from, int segment, byte[] bytes) {
        arrive(name(from, 0), bytes, control(Layout.SOL_UDP, Layout.UDP_GRO, segment));
    }

    /** Something arrives, described as no kernel need describe it. */
    void arrive(byte[] name, byte[] bytes, byte[] control) {
        arriving.add(new Arrival(name, bytes, control, bytes.length));
    }

    /** A datagram arrives of which the kernel says another size. */
    void arriveWithClaim(InetSocketAddress from, byte[] bytes, int claimedBytes) {
        arriving.add(new Arrival(name(from, 0), bytes, new byte[0], claimedBytes));
    }

    static byte[] control(int level, int type, int value) {
        return ByteBuffer.allocate(Layout.CMSG_SPACE).order(ByteOrder.nativeOrder())
                .putLong(Layout.CMSG_DATA + Integer.BYTES).putInt(level).putInt(type).putInt(value).array();
    }

    static byte[] name(InetSocketAddress address, int scope) {
        byte[] host = address.getAddress().getAddress();
        return host.length == Integer.BYTES
                ? nativeOrder(Layout.SOCKADDR_IN_BYTES).putShort(Layout.AF_INET).order(ByteOrder.BIG_ENDIAN)
                        .putShort((short) address.getPort()).put(host).array()
                : name(host, address.getPort(), scope);
    }

    static byte[] name(byte[] ipv6, int port, int scope) {
        return nativeOrder(Layout.SOCKADDR_IN6_BYTES).putShort(Layout.AF_INET6).order(ByteOrder.BIG_ENDIAN)
                .putShort((short) port).putInt(0x1234).put(ipv6).order(ByteOrder.nativeOrder()).putInt(scope).array();
    }

    private static ByteBuffer nativeOrder(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
    }

    @Override
    public int receive(int fd, long headers, int count) {
        assertThat(count).isPositive();
        int received = 0;
        while (received < count && !arriving.isEmpty()) {
            fill(memory(headers + (long) received * Layout.MMSGHDR_BYTES, Layout.MMSGHDR_BYTES), arriving.remove());
            received++;
        }
        return received == 0 ? -EAGAIN : received + claimedTooMany;
    }

    private static void fill(ByteBuffer header, Arrival arrival) {
        assertThat(header.getInt(Layout.MSG_NAMELEN)).isEqualTo(Layout.NAME_BYTES);
        assertThat(header.getLong(Layout.MSG_CONTROLLEN)).isEqualTo(Layout.CMSG_SPACE);
        assertThat(header.getLong(Layout.MSG_IOVLEN)).isOne();
        ByteBuffer vector = memory(header.getLong(Layout.MSG_IOV), Layout.IOVEC_BYTES);
        assertThat(vector.getLong(Layout.IOV_LEN)).isEqualTo(ROOM_BYTES);
        memory(vector.getLong(0), ROOM_BYTES).put(arrival.bytes());
        memory(header.getLong(Layout.MSG_NAME), Layout.NAME_BYTES).put(arrival.name());
        memory(header.getLong(Layout.MSG_CONTROL), Layout.CMSG_SPACE).put(arrival.control());
        header.putInt(Layout.MSG_NAMELEN, arrival.name().length);
        header.putLong(Layout.MSG_CONTROLLEN, arrival.control().length);
        header.putInt(Layout.MSG_LEN, arrival.claimedBytes());
    }

    @Override
    public int send(int fd, long header) {
        sendCalls++;
        Message message = read(fd, header);
        int error = judge.applyAsInt(message);
        if (error != 0) {
            return -error;
        }
        sent.add(message);
        return message.datagrams().stream().mapToInt(datagram -> datagram.length).sum();
    }

    @Override
    public int sendAll(int fd, long headers, int count) {
        sendCalls++;
        assertThat(count).isGreaterThan(1);
        for (int done = 0; done < count; done++) {
            if (done == mostPerCall) {
                return done;
            }
            Message message = read(fd, headers + (long) done * Layout.MMSGHDR_BYTES);
            int error = judge.applyAsInt(message);
            if (error != 0) {
                return done > 0 ? done : -error;
            }
            sent.add(message);
        }
        return count + claimedTooMany;
    }

    private static Message read(int fd, long address) {
        ByteBuffer header = memory(address, Layout.MMSGHDR_BYTES);
        byte[] bytes = gather(header.getLong(Layout.MSG_IOV), (int) header.getLong(Layout.MSG_IOVLEN));
        int segment = segment(header);
        ByteBuffer name = memory(header.getLong(Layout.MSG_NAME), header.getInt(Layout.MSG_NAMELEN));
        boolean ipv6 = name.getShort(0) == Layout.AF_INET6;
        assertThat(name.getShort(0)).isEqualTo(ipv6 ? Layout.AF_INET6 : Layout.AF_INET);
        assertThat(name.capacity()).isEqualTo(ipv6 ? Layout.SOCKADDR_IN6_BYTES : Layout.SOCKADDR_IN_BYTES);
        byte[] host = new byte[ipv6 ? 16 : 4];
        name.get(ipv6 ? Layout.SIN6_ADDR : Layout.SIN_ADDR, host);
        int port = name.order(ByteOrder.BIG_ENDIAN).getShort(Layout.SIN_PORT) & 0xFFFF;
        int scope = ipv6 ? name.order(ByteOrder.nativeOrder()).getInt(Layout.SIN6_SCOPE) : 0;
        return new Message(fd, new InetSocketAddress(host(host), port), scope, segment, cut(bytes, segment));
    }

    private static InetAddress host(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int segment(ByteBuffer header) {
        if (header.getLong(Layout.MSG_CONTROLLEN) == 0) {
            return 0;
        }
        assertThat(header.getLong(Layout.MSG_CONTROLLEN)).isEqualTo(Layout.CMSG_SPACE);
        ByteBuffer control = memory(header.getLong(Layout.MSG_CONTROL), Layout.CMSG_SPACE);
        assertThat(control.getLong(0)).isEqualTo(Layout.CMSG_DATA + Short.BYTES);
        assertThat(control.getInt(Layout.CMSG_LEVEL)).isEqualTo(Layout.SOL_UDP);
        assertThat(control.getInt(Layout.CMSG_TYPE)).isEqualTo(Layout.UDP_SEGMENT);
        return control.getShort(Layout.CMSG_DATA) & 0xFFFF;
    }

    private static byte[] gather(long vectors, int count) {
        assertThat(count).isLessThanOrEqualTo(MOST_VECTORS);
        ByteBuffer all = memory(vectors, count * Layout.IOVEC_BYTES);
        long total = 0;
        for (int i = 0; i < count; i++) {
            total += all.getLong(i * Layout.IOVEC_BYTES + Layout.IOV_LEN);
        }
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(total));
        for (int i = 0; i < count; i++) {
            int vector = i * Layout.IOVEC_BYTES;
            bytes.put(memory(all.getLong(vector), (int) all.getLong(vector + Layout.IOV_LEN)));
        }
        return bytes.array();
    }

    /** As the kernel cuts a burst up, within its limits. */
    private static List<byte[]> cut(byte[] bytes, int segment) {
        if (segment == 0) {
            return List.of(bytes);
        }
        assertThat(bytes.length).isLessThanOrEqualTo(Layout.MOST_BYTES).isGreaterThan(segment);
        List<byte[]> datagrams = new ArrayList<>();
        for (int at = 0; at < bytes.length; at += segment) {
            datagrams.add(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + segment)));
        }
        assertThat(datagrams).hasSizeLessThanOrEqualTo(Layout.MOST_SEGMENTS);
        return datagrams;
    }

    private static ByteBuffer memory(long address, int bytes) {
        return Buffer.wrapMemoryAddressWithNativeOrder(address, bytes);
    }
}
