package io.turnpike.node.transport.dtls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * What a client has sent of its handshake and the handshake's thread has not read: little, and nothing that would make
 * the library ask for much memory. Filled on the event loop, emptied on the handshake's thread.
 */
final class HandshakeInbox {
    /** No flight of a client without a certificate is longer. */
    static final int MAX_DATAGRAM_BYTES = 4096;

    private static final int MAX_DATAGRAMS = 16;
    private static final int HANDSHAKE = 22;
    private static final int EPOCH_INDEX = 3;
    private static final int RECORD_LENGTH_INDEX = 11;
    private static final int FRAGMENT_LENGTH_INDEX = 9;
    private static final byte[] CLOSED = {};

    private final BlockingQueue<byte[]> datagrams = new ArrayBlockingQueue<>(MAX_DATAGRAMS);
    private volatile boolean closed;

    /** Takes a copy, unless it is too long, too much waits, or a fragment names a message that no client sends. */
    boolean offer(ByteBuf datagram) {
        if (closed || datagram.readableBytes() > MAX_DATAGRAM_BYTES) {
            return false;
        }
        byte[] copy = ByteBufUtil.getBytes(datagram);
        return hasBoundedMessages(copy) && datagrams.offer(copy);
    }

    /** The next datagram, or null if none comes in time or no more will. */
    byte[] poll(long waitMillis) throws InterruptedException {
        byte[] next = waitMillis > 0 ? datagrams.poll(waitMillis, TimeUnit.MILLISECONDS) : datagrams.poll();
        return next == CLOSED ? null : next;
    }

    boolean isClosed() {
        return closed;
    }

    /** Wakes whoever waits; nothing more is taken. */
    void close() {
        closed = true;
        datagrams.clear();
        datagrams.offer(CLOSED);
    }

    private static boolean hasBoundedMessages(byte[] datagram) {
        int at = 0;
        while (datagram.length - at >= ClientHello.RECORD_HEADER_BYTES) {
            int recordBytes = unsignedShort(datagram, at + RECORD_LENGTH_INDEX);
            int body = at + ClientHello.RECORD_HEADER_BYTES;
            boolean plaintext = unsignedShort(datagram, at + EPOCH_INDEX) == 0;
            if (plaintext && datagram[at] == HANDSHAKE
                    && !isBounded(datagram, body, Math.min(recordBytes, datagram.length - body))) {
                return false;
            }
            at = body + recordBytes;
        }
        return true;
    }

    /** Whether every handshake message, of which the bytes hold fragments, is short enough to make room for. */
    static boolean isBounded(byte[] bytes, int offset, int length) {
        int at = offset;
        int end = offset + length;
        while (end - at >= ClientHello.MESSAGE_HEADER_BYTES) {
            if (unsignedMedium(bytes, at + 1) > GuardedCrypto.MAX_HANDSHAKE_MESSAGE_BYTES) {
                return false;
            }
            at += ClientHello.MESSAGE_HEADER_BYTES + unsignedMedium(bytes, at + FRAGMENT_LENGTH_INDEX);
        }
        return true;
    }

    private static int unsignedShort(byte[] bytes, int index) {
        return (bytes[index] & 0xFF) << Byte.SIZE | bytes[index + 1] & 0xFF;
    }

    private static int unsignedMedium(byte[] bytes, int index) {
        return (bytes[index] & 0xFF) << 2 * Byte.SIZE | unsignedShort(bytes, index + 1);
    }
}
