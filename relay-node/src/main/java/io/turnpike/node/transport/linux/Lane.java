package io.turnpike.node.transport.linux;

import io.netty.buffer.ByteBuf;
import io.turnpike.node.allocation.Delivery;
import io.turnpike.node.usage.DropReason;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * One socket's way out: what was given in this turn of the loop, in order, and what the kernel would not take yet.
 * Confined to the loop.
 */
public final class Lane {
    static final int NONE = -1;
    /** What a datagram that waits takes beside its bytes: empty ones are not for nothing. */
    private static final int DATAGRAM_BYTES = 128;

    final int fd;
    final boolean ipv6;
    final Owner owner;
    private final int queueBytes;
    /** First and last entry in the {@link Outbox} of this turn. */
    int first = NONE;
    int last = NONE;
    int linkScope;
    /** Whether it is among those that are flushed at the end of the turn. */
    boolean used;
    private Queue<Waiting> waiting;
    private int waitingBytes;
    private boolean makesNoBursts;
    /** Null until a burst is refused for the size of its datagrams. */
    private NarrowPath narrow;

    /** The socket of a lane. */
    @FunctionalInterface
    public interface Owner {
        /** After a flush the kernel has left something behind. */
        void full();
    }

    /**
     * A datagram that the kernel did not take, in memory of its own.
     *
     * @param delivery null for what is not counted
     */
    record Waiting(ByteBuf datagram, long high, long low, int port, int clientWireBytes, int payloadBytes,
            Delivery delivery, DropReason failure) {
        private int cost() {
            return DATAGRAM_BYTES + datagram.readableBytes();
        }
    }

    private record NarrowPath(long high, long low, int segment) {
        boolean leadsTo(long toHigh, long toLow) {
            return low == toLow && high == toHigh;
        }
    }

    /**
     * The way out of a socket.
     *
     * @param fd the socket
     * @param ipv6 whether it is one of the IPv6 family, whose IPv4 addresses are in the mapped form
     * @param queueBytes most bytes that may wait for the kernel before it counts as full
     * @param owner told when the kernel has left something behind
     */
    public Lane(int fd, boolean ipv6, int queueBytes, Owner owner) {
        this.fd = fd;
        this.ipv6 = ipv6;
        this.queueBytes = queueBytes;
        this.owner = owner;
    }

    /** Whether the socket is one of the IPv6 family. */
    public boolean isIpv6() {
        return ipv6;
    }

    /** Whether the kernel has left nothing behind. */
    public boolean isClear() {
        return waiting == null || waiting.isEmpty();
    }

    /** Whether more may be given to it: what the kernel cannot take for a moment is no loss yet. */
    public boolean isWritable() {
        return waitingBytes < queueBytes;
    }

    /** Whether nothing waits, neither for the kernel nor for the end of the turn. */
    public boolean isEmpty() {
        return first == NONE && isClear();
    }

    /** Senders with link-local addresses are reached over this interface. */
    void reachedOver(int scope) {
        if (scope != 0) {
            linkScope = scope;
        }
    }

    /** Size of the largest datagrams that bursts to a host are made of; 0 where the kernel makes none. */
    int largestSegment(long high, long low) {
        if (makesNoBursts) {
            return 0;
        }
        return narrow != null && narrow.leadsTo(high, low) ? narrow.segment : Layout.MOST_BYTES;
    }

    /** The kernel makes no bursts, whatever their size. */
    void makeNoBursts() {
        makesNoBursts = true;
    }

    /**
     * The path to a host takes no bursts of larger datagrams. One host is remembered: a listener's other clients must not be
     * slowed by it, and a burst that is tried in vain costs one call.
     */
    void narrow(long high, long low, int segment) {
        boolean narrower = narrow == null || !narrow.leadsTo(high, low) || segment < narrow.segment;
        if (narrower) {
            narrow = new NarrowPath(high, low, segment);
        }
    }

    void wait(Waiting datagram) {
        if (waiting == null) {
            waiting = new ArrayDeque<>();
        }
        waiting.add(datagram);
        waitingBytes += datagram.cost();
    }

    /** The oldest that waits, or null. */
    Waiting peek() {
        return waiting == null ? null : waiting.peek();
    }

    /** Takes the oldest that waits; null if there is none. */
    Waiting poll() {
        Waiting oldest = waiting == null ? null : waiting.poll();
        if (oldest != null) {
            waitingBytes -= oldest.cost();
        }
        return oldest;
    }
}
