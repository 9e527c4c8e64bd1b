package io.turnpike.node.transport.linux;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.turnpike.stun.AddressCursor;
import java.nio.ByteBuffer;

/**
 * What an event loop receives into: room for some datagrams or bursts, used again from the start when everything that was
 * sent out of it has left. Shared by the loop's sockets and confined to the loop.
 */
public final class Inbox {
    /** Each holds one datagram, or one burst that the kernel has put together. */
    private static final int ROOMS = 32;
    /** The largest burst; a smaller room would cut it. */
    private static final int ROOM_BYTES = 65_536;
    /** Rooms begin at different lines of the cache. */
    private static final int STRIDE = ROOM_BYTES + 4 * 1024 + 64;

    private final SystemCalls calls;
    private final ByteBuffer headers = Layout.memory(ROOMS * Layout.MMSGHDR_BYTES);
    private final ByteBuffer names = Layout.memory(ROOMS * Layout.NAME_BYTES);
    private final ByteBuffer controls = Layout.memory(ROOMS * Layout.CMSG_SPACE);
    private final ByteBuffer vectors = Layout.memory(ROOMS * Layout.IOVEC_BYTES);
    private final ByteBuffer memory = Layout.memory(ROOMS * STRIDE);
    private final ByteBuf view = Unpooled.wrappedBuffer(memory);
    private final long memoryAddress = Layout.addressOf(memory);
    private final long headersAddress = Layout.addressOf(headers);
    private final AddressCursor source = new AddressCursor();
    private int next;
    private boolean delivering;
    private int scope;

    /** Takes one datagram. */
    @FunctionalInterface
    public interface Reader {
        /**
         * Takes one datagram.
         *
         * @param datagram between its indexes; the memory stays until {@link #reuse}, the indexes do not
         * @param source the sender; another's after the call
         */
        void datagram(ByteBuf datagram, AddressCursor source);
    }

    /** Receives by these calls. */
    Inbox(SystemCalls calls) {
        this.calls = calls;
        long namesAddress = Layout.addressOf(names);
        long controlsAddress = Layout.addressOf(controls);
        long vectorsAddress = Layout.addressOf(vectors);
        for (int room = 0; room < ROOMS; room++) {
            vectors.putLong(room * Layout.IOVEC_BYTES, memoryAddress + (long) room * STRIDE);
            vectors.putLong(room * Layout.IOVEC_BYTES + Layout.IOV_LEN, ROOM_BYTES);
            int header = room * Layout.MMSGHDR_BYTES;
            headers.putLong(header + Layout.MSG_NAME, namesAddress + (long) room * Layout.NAME_BYTES);
            headers.putLong(header + Layout.MSG_IOV, vectorsAddress + (long) room * Layout.IOVEC_BYTES);
            headers.putLong(header + Layout.MSG_IOVLEN, 1);
            headers.putLong(header + Layout.MSG_CONTROL, controlsAddress + (long) room * Layout.CMSG_SPACE);
            vacate(room);
        }
    }

    private void vacate(int room) {
        int header = room * Layout.MMSGHDR_BYTES;
        headers.putInt(header + Layout.MSG_NAMELEN, Layout.NAME_BYTES);
        headers.putLong(header + Layout.MSG_CONTROLLEN, Layout.CMSG_SPACE);
    }

    /** Rooms that nothing was received into since {@link #reuse}. */
    int vacant() {
        return ROOMS - next;
    }

    /** Everything that was sent out of it has left; rooms that are being read stay as they are. */
    void reuse() {
        if (!delivering) {
            next = 0;
        }
    }

    /** Whether a buffer is the view on this memory that readers get. */
    boolean isView(ByteBuf buffer) {
        return buffer == view;
    }

    /** Where a byte of the view lies. */
    long address(int index) {
        return memoryAddress + index;
    }

    /**
     * Receives what a socket has, at most as much as asked for and as there is room for, and hands the datagrams over one
     * by one. A reader receives nothing itself: what it reads would be gone.
     *
     * @param fd a UDP socket
     * @param most datagrams or bursts
     * @return datagrams or bursts received, or -errno
     */
    int receive(int fd, int most, Reader reader) {
        int count = Math.min(most, vacant());
        if (delivering || count <= 0) {
            return 0;
        }
        int received = Math.min(count, calls.receive(fd, headersAddress + (long) next * Layout.MMSGHDR_BYTES, count));
        if (received > 0) {
            int room = next;
            next += received;
            delivering = true;
            try {
                while (room < next) {
                    deliver(room++, reader);
                }
            } finally {
                delivering = false;
                while (room < next) {
                    vacate(room++);
                }
            }
        }
        return received;
    }

    private void deliver(int room, Reader reader) {
        int header = room * Layout.MMSGHDR_BYTES;
        int bytes = Math.min(ROOM_BYTES, headers.getInt(header + Layout.MSG_LEN));
        int segment = headers.getLong(header + Layout.MSG_CONTROLLEN) == 0 ? bytes : segmentBytes(room, bytes);
        vacate(room);
        int name = room * Layout.NAME_BYTES;
        if (names.getShort(name) == Layout.AF_INET) {
            source.setIpv4(Layout.network(names.getInt(name + Layout.SIN_ADDR)), port(name));
            scope = 0;
        } else {
            source.set(Layout.network(names.getLong(name + Layout.SIN6_ADDR)),
                    Layout.network(names.getLong(name + Layout.SIN6_ADDR + Long.BYTES)), port(name));
            scope = names.getInt(name + Layout.SIN6_SCOPE);
        }
        long high = source.high();
        long low = source.low();
        int port = source.port();
        int start = room * STRIDE;
        int end = start + bytes;
        int at = start;
        do {
            int to = Math.min(end, at + segment);
            view.setIndex(at, to);
            source.set(high, low, port);
            reader.datagram(view, source);
            at = to;
        } while (at < end);
    }

    private int port(int name) {
        return Layout.network(names.getShort(name + Layout.SIN_PORT)) & 0xFFFF;
    }

    /** The size of a burst's datagrams but the last (UDP_GRO), or the whole if it is none. */
    private int segmentBytes(int room, int bytes) {
        int control = room * Layout.CMSG_SPACE;
        boolean burst = controls.getInt(control + Layout.CMSG_LEVEL) == Layout.SOL_UDP
                && controls.getInt(control + Layout.CMSG_TYPE) == Layout.UDP_GRO;
        int segment = burst ? controls.getInt(control + Layout.CMSG_DATA) : 0;
        return segment > 0 ? segment : bytes;
    }

    /** The interface of the sender whose datagram is being read, for link-local IPv6 addresses; 0 for all others. */
    int scope() {
        return scope;
    }
}
