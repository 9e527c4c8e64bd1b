package io.turnpike.node.transport;

import io.netty.buffer.ByteBuf;
import io.turnpike.node.allocation.Delivery;
import io.turnpike.node.usage.DropReason;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Relayed data that waits for a client on a stream who reads slowly, bounded in time and in bytes. The oldest is dropped
 * first, since late media is worth nothing and the newest is what a call needs. Only whole messages are dropped, and only
 * before their first byte is given to the connection, so the stream stays whole and in order. Confined to its event loop.
 */
final class ClientQueue {
    private final long mostNanos;
    private final long mostBytes;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private long bytes;

    /**
     * An empty queue.
     *
     * @param mostNanos how long a message may wait
     * @param mostBytes how much may wait; a single larger message may wait alone
     */
    ClientQueue(long mostNanos, long mostBytes) {
        this.mostNanos = mostNanos;
        this.mostBytes = mostBytes;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Messages that wait. */
    int size() {
        return waiting.size();
    }

    /** Adds a message at the end; takes over the buffer. Older ones make room for it. */
    void add(ByteBuf message, int payloadBytes, Delivery delivery, long nowNanos) {
        dropStale(nowNanos);
        bytes += message.readableBytes();
        waiting.addLast(new Waiting(message, payloadBytes, delivery, nowNanos));
        while (bytes > mostBytes && waiting.size() > 1) {
            take().drop(DropReason.CLIENT_QUEUE_FULL);
        }
    }

    /** Takes the oldest message, for the connection; null if none waits. */
    Waiting take() {
        Waiting oldest = waiting.pollFirst();
        if (oldest != null) {
            bytes -= oldest.message.readableBytes();
        }
        return oldest;
    }

    /** Drops what has waited too long. */
    void dropStale(long nowNanos) {
        while (!waiting.isEmpty() && nanosLeft(nowNanos) <= 0) {
            take().drop(DropReason.CLIENT_QUEUE_STALE);
        }
    }

    /** Time until the oldest message has waited too long; asked only while one waits. */
    long nanosLeft(long nowNanos) {
        return waiting.getFirst().sinceNanos + mostNanos - nowNanos;
    }

    /** Nothing can be sent any more. */
    void dropAll() {
        for (Waiting next = take(); next != null; next = take()) {
            next.drop(DropReason.CLIENT_SEND_FAILED);
        }
    }

    /** A message in the queue. */
    record Waiting(ByteBuf message, int payloadBytes, Delivery delivery, long sinceNanos) {
        private void drop(DropReason reason) {
            int wireBytes = message.readableBytes();
            message.release();
            delivery.refused(wireBytes, payloadBytes, reason);
        }
    }
}
