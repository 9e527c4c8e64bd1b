package io.turnpike.node.transport.linux;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.unix.Buffer;
import io.turnpike.node.allocation.Delivery;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.Endpoint;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * What an event loop sends in one turn: datagrams described, not copied, each in the {@link Lane} of its socket. Neighbours
 * in a lane that go to one address and have one size leave as one burst, which the kernel cuts up (UDP GSO); only the last
 * may be shorter. Confined to the loop.
 */
final class Outbox {
    private static final int NONE = Lane.NONE;
    private static final int ENTRIES = 1024;
    private static final int HEAD_BYTES = 64;
    private static final int MESSAGES = 64;
    private static final int VECTORS = 1024;
    private static final int PARTS = 3;
    private static final int PADDING_BYTES = 4;
    /** An entry and a message beside the others, for datagrams that go alone and at once. */
    private static final int ALONE_ENTRY = ENTRIES;
    private static final int ALONE = MESSAGES;
    private static final int LINK_LOCAL = 0x3FA;
    private static final int LINK_LOCAL_SHIFT = 54;

    private final Inbox inbox;
    private final Kernel kernel;
    private final ByteBuffer heads = Layout.memory(ENTRIES * HEAD_BYTES + PADDING_BYTES);
    private final long headsAddress = Layout.addressOf(heads);
    private final long zeros = headsAddress + ENTRIES * HEAD_BYTES;
    private final ByteBuffer headers = Layout.memory((MESSAGES + 1) * Layout.MMSGHDR_BYTES);
    private final ByteBuffer names = Layout.memory((MESSAGES + 1) * Layout.NAME_BYTES);
    private final ByteBuffer controls = Layout.memory((MESSAGES + 1) * Layout.CMSG_SPACE);
    private final ByteBuffer vectors = Layout.memory((VECTORS + PARTS) * Layout.IOVEC_BYTES);
    private final long headersAddress = Layout.addressOf(headers);
    private final long controlsAddress = Layout.addressOf(controls);
    private final long vectorsAddress = Layout.addressOf(vectors);

    // One entry for each datagram, as columns.
    private final int[] next = new int[ENTRIES + 1];
    private final int[] headBytes = new int[ENTRIES + 1];
    private final long[] address = new long[ENTRIES + 1];
    private final int[] bytes = new int[ENTRIES + 1];
    private final int[] padding = new int[ENTRIES + 1];
    private final long[] high = new long[ENTRIES + 1];
    private final long[] low = new long[ENTRIES + 1];
    private final int[] port = new int[ENTRIES + 1];
    private final int[] clientWireBytes = new int[ENTRIES + 1];
    private final int[] payloadBytes = new int[ENTRIES + 1];
    private final ByteBuf[] kept = new ByteBuf[ENTRIES + 1];
    private final Delivery[] delivery = new Delivery[ENTRIES + 1];
    private final DropReason[] failure = new DropReason[ENTRIES + 1];
    private int free;

    // The messages that are being put together: entry, number of entries.
    private final int[] messageEntry = new int[MESSAGES + 1];
    private final int[] messageCount = new int[MESSAGES + 1];
    private int messages;
    private int vectorsUsed;
    private boolean telling;
    private RuntimeException thrownByDelivery;

    Outbox(SystemCalls calls, Inbox inbox) {
        this.inbox = inbox;
        kernel = new Kernel(calls);
        for (int i = 0; i < ENTRIES; i++) {
            next[i] = i + 1 < ENTRIES ? i + 1 : NONE;
        }
        next[ALONE_ENTRY] = NONE;
        long namesAddress = Layout.addressOf(names);
        for (int i = 0; i <= MESSAGES; i++) {
            headers.putLong(i * Layout.MMSGHDR_BYTES + Layout.MSG_NAME, namesAddress + (long) i * Layout.NAME_BYTES);
            int control = i * Layout.CMSG_SPACE;
            controls.putLong(control, Layout.CMSG_DATA + Short.BYTES);
            controls.putInt(control + Layout.CMSG_LEVEL, Layout.SOL_UDP);
            controls.putInt(control + Layout.CMSG_TYPE, Layout.UDP_SEGMENT);
        }
    }

    /** Whether another datagram can be added before lanes are flushed. */
    boolean hasRoom() {
        return free != NONE;
    }

    /**
     * Adds a datagram to a lane; there is room. The kernel is told where the parts lie, so that they are checked before.
     *
     * @param owned whether the payload's reference passes to the outbox
     * @param told null where nobody hears of the outcome
     */
    void add(Lane lane, ByteBuf head, ByteBuf payload, int index, int length, int zeroBytes, Endpoint to,
            int wireBytes, int dataBytes, Delivery told, DropReason reason, boolean owned) {
        int leading = head.readableBytes();
        if (leading > HEAD_BYTES || zeroBytes < 0 || zeroBytes > PADDING_BYTES) {
            throw new IllegalArgumentException("no room for a head of " + leading + " and a padding of " + zeroBytes);
        }
        Objects.checkFromIndexSize(index, length, payload.writerIndex());
        enter();
        int entry = free;
        free = next[entry];
        headBytes[entry] = leading;
        if (leading == Integer.BYTES) {
            heads.putInt(entry * HEAD_BYTES, Layout.network(head.getInt(head.readerIndex())));
        } else if (leading > 0) {
            copyHead(head, leading, entry * HEAD_BYTES);
        }
        address[entry] = locate(entry, payload, index, length, owned);
        bytes[entry] = length;
        padding[entry] = zeroBytes;
        high[entry] = to.high();
        low[entry] = to.low();
        port[entry] = to.port();
        clientWireBytes[entry] = wireBytes;
        payloadBytes[entry] = dataBytes;
        delivery[entry] = told;
        failure[entry] = reason;
        next[entry] = NONE;
        if (lane.first == NONE) {
            lane.first = entry;
        } else {
            next[lane.last] = entry;
        }
        lane.last = entry;
    }

    private void copyHead(ByteBuf head, int leading, int at) {
        for (int i = 0; i < leading; i++) {
            heads.put(at + i, head.getByte(head.readerIndex() + i));
        }
    }

    /** Where the payload lies until the end of the turn: where it is, or in a copy if its memory has no address. */
    private long locate(int entry, ByteBuf payload, int index, int length, boolean owned) {
        if (inbox.isView(payload)) {
            return inbox.address(index);
        }
        if (payload.hasMemoryAddress()) {
            kept[entry] = owned ? payload : payload.retain();
            return payload.memoryAddress() + index;
        }
        ByteBuf copy = ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, length)).writeBytes(payload, index, length);
        if (owned) {
            payload.release();
        }
        kept[entry] = copy;
        return addressOf(copy);
    }

    /** Where a direct buffer of one piece begins. */
    private static long addressOf(ByteBuf direct) {
        if (direct.hasMemoryAddress()) {
            return direct.memoryAddress();
        }
        ByteBuffer memory = direct.internalNioBuffer(0, direct.capacity());
        return Buffer.memoryAddress(memory) + memory.position();
    }

    /** Hands a lane's datagrams to the kernel, in order; what it cannot take yet waits in the lane. */
    void flush(Lane lane) {
        enter();
        telling = true;
        try {
            handOver(lane);
        } finally {
            telling = false;
        }
    }

    /** Whoever hears of an outcome would find the messages half told. */
    private void enter() {
        if (telling) {
            throw new IllegalStateException("a delivery sends, flushes and closes nothing while it is told");
        }
    }

    /** An exception of a delivery since the last call, if there was one: a bug, which the others were spared. */
    void rethrow() {
        RuntimeException thrown = thrownByDelivery;
        thrownByDelivery = null;
        if (thrown != null) {
            throw thrown;
        }
    }

    private void handOver(Lane lane) {
        int entry = lane.first;
        lane.first = NONE;
        lane.last = NONE;
        if (!sendWaiting(lane)) {
            entry = leave(lane, entry);
        }
        while (entry != NONE) {
            entry = compose(lane, entry);
            if (!send(lane)) {
                entry = leave(lane, entry);
            }
        }
    }

    /** Puts messages together, as many as there is room for; answers the first entry that is in none. */
    private int compose(Lane lane, int from) {
        messages = 0;
        vectorsUsed = 0;
        int entry = from;
        while (entry != NONE && messages < MESSAGES
                && vectorsUsed <= VECTORS - PARTS * Layout.MOST_SEGMENTS) {
            entry = compose(lane, entry, messages++, Layout.MOST_SEGMENTS);
        }
        return entry;
    }

    private int compose(Lane lane, int from, int message, int most) {
        int segment = wireBytes(from);
        int vector = vectorsUsed;
        int total = 0;
        int count = 0;
        int limit = segment > 0 && segment <= lane.largestSegment(high[from], low[from]) ? most : 1;
        int entry = from;
        int size = segment;
        do {
            gather(entry);
            total += size;
            count++;
            int following = next[entry];
            if (following == NONE || size < segment || count == limit || !sameDestination(from, following)) {
                entry = following;
                break;
            }
            entry = following;
            size = wireBytes(entry);
        } while (size > 0 && size <= segment && total + size <= Layout.MOST_BYTES);
        messageEntry[message] = from;
        messageCount[message] = count;
        int header = message * Layout.MMSGHDR_BYTES;
        headers.putInt(header + Layout.MSG_NAMELEN, writeName(lane, from, message * Layout.NAME_BYTES));
        headers.putLong(header + Layout.MSG_IOV, vectorsAddress + (long) vector * Layout.IOVEC_BYTES);
        headers.putLong(header + Layout.MSG_IOVLEN, vectorsUsed - vector);
        if (count > 1) {
            controls.putShort(message * Layout.CMSG_SPACE + Layout.CMSG_DATA, (short) segment);
            headers.putLong(header + Layout.MSG_CONTROL, controlsAddress + (long) message * Layout.CMSG_SPACE);
            headers.putLong(header + Layout.MSG_CONTROLLEN, Layout.CMSG_SPACE);
        } else {
            headers.putLong(header + Layout.MSG_CONTROL, 0);
            headers.putLong(header + Layout.MSG_CONTROLLEN, 0);
        }
        return entry;
    }

    private int wireBytes(int entry) {
        return headBytes[entry] + bytes[entry] + padding[entry];
    }

    private boolean sameDestination(int one, int other) {
        return low[one] == low[other] && port[one] == port[other] && high[one] == high[other];
    }

    private void gather(int entry) {
        vector(headsAddress + (long) entry * HEAD_BYTES, headBytes[entry]);
        vector(address[entry], bytes[entry]);
        vector(zeros, padding[entry]);
    }

    private void vector(long at, int length) {
        if (length > 0) {
            int vector = vectorsUsed++ * Layout.IOVEC_BYTES;
            vectors.putLong(vector, at);
            vectors.putLong(vector + Layout.IOV_LEN, length);
        }
    }

    private int writeName(Lane lane, int entry, int name) {
        names.putShort(name + Layout.SIN_PORT, Layout.network((short) port[entry]));
        if (!lane.ipv6) {
            names.putShort(name, Layout.AF_INET);
            names.putInt(name + Layout.SIN_ADDR, Layout.network((int) low[entry]));
            return Layout.SOCKADDR_IN_BYTES;
        }
        names.putShort(name, Layout.AF_INET6);
        names.putInt(name + Layout.SIN_ADDR, 0);
        names.putLong(name + Layout.SIN6_ADDR, Layout.network(high[entry]));
        names.putLong(name + Layout.SIN6_ADDR + Long.BYTES, Layout.network(low[entry]));
        boolean linkLocal = high[entry] >>> LINK_LOCAL_SHIFT == LINK_LOCAL;
        names.putInt(name + Layout.SIN6_SCOPE, linkLocal ? lane.linkScope : 0);
        return Layout.SOCKADDR_IN6_BYTES;
    }

    /** Sends what was put together; false if the kernel is full, and what it did not take waits in the lane. */
    private boolean send(Lane lane) {
        int done = 0;
        int count = messages;
        while (done < count) {
            int answer = kernel.send(lane.fd, headersAddress + (long) done * Layout.MMSGHDR_BYTES, count - done);
            if (answer > 0) {
                for (int last = Math.min(count, done + answer); done < last; done++) {
                    settle(messageEntry[done], messageCount[done], true);
                }
            } else if (Kernel.isFull(answer)) {
                for (; done < count; done++) {
                    leave(lane, messageEntry[done], messageCount[done]);
                }
                return false;
            } else if (messageCount[done] > 1 && Kernel.refusesBurst(answer)) {
                if (!sendSingly(lane, messageEntry[done], messageCount[done], answer)) {
                    for (done++; done < count; done++) {
                        leave(lane, messageEntry[done], messageCount[done]);
                    }
                    return false;
                }
                done++;
            } else {
                settle(messageEntry[done], messageCount[done], false);
                done++;
            }
        }
        return true;
    }

    /**
     * Sends a burst's datagrams one by one. If one leaves, it was the burst that the kernel would not have, and one like it is
     * not tried again; else it is the address, which must not spoil bursts to others.
     *
     * @param refusal the kernel's answer to the burst
     * @return false if the kernel is full
     */
    private boolean sendSingly(Lane lane, int from, int count, int refusal) {
        int segment = wireBytes(from);
        int entry = from;
        for (int left = count; left > 0; left--) {
            int following = next[entry];
            int answer = sendAlone(lane, entry);
            if (Kernel.isFull(answer)) {
                leave(lane, entry, left);
                return false;
            }
            if (answer > 0 && Kernel.isTooLong(refusal)) {
                lane.narrow(high[entry], low[entry], segment - 1);
            } else if (answer > 0) {
                lane.makeNoBursts();
            }
            settle(entry, 1, answer > 0);
            entry = following;
        }
        return true;
    }

    private int sendAlone(Lane lane, int entry) {
        vectorsUsed = VECTORS;
        compose(lane, entry, ALONE, 1);
        return kernel.send(lane.fd, headersAddress + (long) ALONE * Layout.MMSGHDR_BYTES, 1);
    }

    /** Tells what became of a message's datagrams and lets go of them. */
    private void settle(int from, int count, boolean sent) {
        int entry = from;
        for (int left = count; left > 0; left--) {
            int following = next[entry];
            Delivery told = delivery[entry];
            int wire = clientWireBytes[entry];
            int data = payloadBytes[entry];
            DropReason reason = failure[entry];
            release(entry);
            tell(told, wire, data, sent ? null : reason);
            entry = following;
        }
    }

    private void tell(Delivery told, int wire, int data, DropReason refusal) {
        if (told == null) {
            return;
        }
        try {
            if (refusal == null) {
                told.delivered(wire, data);
            } else {
                told.refused(wire, data, refusal);
            }
        } catch (RuntimeException e) {
            thrownByDelivery = e;
        }
    }

    private void release(int entry) {
        if (kept[entry] != null) {
            kept[entry].release();
            kept[entry] = null;
        }
        delivery[entry] = null;
        next[entry] = free;
        free = entry;
    }

    /** Leaves all entries from here on waiting in the lane; answers NONE. */
    private int leave(Lane lane, int from) {
        int entry = from;
        while (entry != NONE) {
            entry = leaveOne(lane, entry);
        }
        return NONE;
    }

    private void leave(Lane lane, int from, int count) {
        int entry = from;
        for (int left = count; left > 0; left--) {
            entry = leaveOne(lane, entry);
        }
    }

    private int leaveOne(Lane lane, int entry) {
        int following = next[entry];
        int size = wireBytes(entry);
        ByteBuf datagram = ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, size));
        for (int i = 0; i < headBytes[entry]; i++) {
            datagram.writeByte(heads.get(entry * HEAD_BYTES + i));
        }
        if (bytes[entry] > 0) {
            datagram.writeBytes(Buffer.wrapMemoryAddressWithNativeOrder(address[entry], bytes[entry]));
        }
        datagram.writeZero(padding[entry]);
        lane.wait(new Lane.Waiting(datagram, high[entry], low[entry], port[entry], clientWireBytes[entry],
                payloadBytes[entry], delivery[entry], failure[entry]));
        release(entry);
        return following;
    }

    /** Sends what waits in a lane, oldest first, until the kernel is full again; false then. */
    boolean resume(Lane lane) {
        enter();
        telling = true;
        try {
            return sendWaiting(lane);
        } finally {
            telling = false;
        }
    }

    private boolean sendWaiting(Lane lane) {
        for (Lane.Waiting oldest = lane.peek(); oldest != null; oldest = lane.peek()) {
            int answer = send(lane, oldest);
            if (Kernel.isFull(answer)) {
                return false;
            }
            lane.poll();
            oldest.datagram().release();
            tell(oldest.delivery(), oldest.clientWireBytes(), oldest.payloadBytes(),
                    answer > 0 ? null : oldest.failure());
        }
        return true;
    }

    private int send(Lane lane, Lane.Waiting waiting) {
        ByteBuf datagram = waiting.datagram();
        address[ALONE_ENTRY] = addressOf(datagram);
        bytes[ALONE_ENTRY] = datagram.readableBytes();
        high[ALONE_ENTRY] = waiting.high();
        low[ALONE_ENTRY] = waiting.low();
        port[ALONE_ENTRY] = waiting.port();
        return sendAlone(lane, ALONE_ENTRY);
    }

    /** The socket is closed: what waits is refused. */
    void refuse(Lane lane) {
        for (Lane.Waiting oldest = lane.poll(); oldest != null; oldest = lane.poll()) {
            oldest.datagram().release();
            tell(oldest.delivery(), oldest.clientWireBytes(), oldest.payloadBytes(), oldest.failure());
        }
    }
}
