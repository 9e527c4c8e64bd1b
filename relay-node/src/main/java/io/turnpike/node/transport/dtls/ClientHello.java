package io.turnpike.node.transport.dtls;

import io.netty.buffer.ByteBuf;

/**
 * One fragment of a ClientHello (RFC 6347 sections 4.1, 4.2.2 and 4.3.2), read in place without an object for it, because
 * anybody may send millions. Reused for every datagram; confined to one event loop.
 */
public final class ClientHello {
    /** A client has no use for more; a post-quantum key share would still fit. */
    static final int MAX_BYTES = 8192;
    static final int RECORD_HEADER_BYTES = 13;
    static final int MESSAGE_HEADER_BYTES = 12;
    static final int RANDOM_BYTES = 32;

    private static final int HANDSHAKE = 22;
    private static final int CLIENT_HELLO = 1;
    private static final int DTLS_MAJOR = 0xFE;
    private static final int VERSION_BYTES = 2;
    private static final int MAX_SESSION_ID_BYTES = 32;
    static final int MAX_PARAMETER_BYTES = VERSION_BYTES + RANDOM_BYTES + 1 + MAX_SESSION_ID_BYTES;

    private ByteBuf datagram;
    private int body;
    private int messageBytes;
    private int fragmentOffset;
    private int fragmentBytes;
    private int sessionIdBytes;
    private int cookieIndex;
    private int cookieBytes;

    /** Whether the datagram begins with a plaintext handshake record (epoch 0) that holds part of a ClientHello. */
    public static boolean begins(ByteBuf datagram) {
        int at = datagram.readerIndex();
        return datagram.readableBytes() > RECORD_HEADER_BYTES + MESSAGE_HEADER_BYTES
                && datagram.getUnsignedByte(at) == HANDSHAKE && datagram.getUnsignedByte(at + 1) == DTLS_MAJOR
                && datagram.getUnsignedShort(at + 3) == 0
                && datagram.getUnsignedByte(at + RECORD_HEADER_BYTES) == CLIENT_HELLO;
    }

    /**
     * Reads the fragment at the front of the datagram; indexes stay.
     *
     * @return false if it is none, or longer than any client needs
     */
    boolean wrap(ByteBuf bytes) {
        if (!begins(bytes)) {
            return false;
        }
        int at = bytes.readerIndex();
        int recordBytes = bytes.getUnsignedShort(at + 11);
        int message = at + RECORD_HEADER_BYTES;
        messageBytes = bytes.getUnsignedMedium(message + 1);
        fragmentOffset = bytes.getUnsignedMedium(message + 6);
        fragmentBytes = bytes.getUnsignedMedium(message + 9);
        if (recordBytes != MESSAGE_HEADER_BYTES + fragmentBytes
                || bytes.readableBytes() < RECORD_HEADER_BYTES + recordBytes || messageBytes > MAX_BYTES
                || fragmentOffset + fragmentBytes > messageBytes) {
            return false;
        }
        datagram = bytes;
        body = message + MESSAGE_HEADER_BYTES;
        return fragmentOffset > 0 || findCookie();
    }

    /** The first fragment must reach to the end of the cookie: what comes behind it may be in others. */
    private boolean findCookie() {
        int sessionId = VERSION_BYTES + RANDOM_BYTES;
        if (fragmentBytes <= sessionId) {
            return false;
        }
        sessionIdBytes = datagram.getUnsignedByte(body + sessionId);
        int cookie = sessionId + 1 + sessionIdBytes;
        if (sessionIdBytes > MAX_SESSION_ID_BYTES || fragmentBytes <= cookie) {
            return false;
        }
        cookieBytes = datagram.getUnsignedByte(body + cookie);
        cookieIndex = body + cookie + 1;
        return fragmentBytes > cookie + cookieBytes;
    }

    /** Whether it is the first fragment, the one with the cookie. */
    boolean isFirst() {
        return fragmentOffset == 0;
    }

    /** Number of its record, 48 bits: the HelloVerifyRequest carries it too (RFC 6347 section 4.2.1). */
    long recordSequence() {
        int at = datagram.readerIndex();
        return (long) datagram.getUnsignedShort(at + 5) << Integer.SIZE | datagram.getUnsignedInt(at + 7);
    }

    /** 0 for a client's first ClientHello, 1 for the one with the cookie (RFC 6347 section 4.2.2). */
    int messageSequence() {
        return datagram.getUnsignedShort(body - MESSAGE_HEADER_BYTES + 4);
    }

    /** Bytes of the whole message, without headers. */
    int messageBytes() {
        return messageBytes;
    }

    int fragmentOffset() {
        return fragmentOffset;
    }

    int fragmentBytes() {
        return fragmentBytes;
    }

    /** Copies the fragment to its place in the message. */
    void copyFragment(byte[] message, int messageIndex) {
        datagram.getBytes(body, message, messageIndex + fragmentOffset, fragmentBytes);
    }

    int cookieBytes() {
        return cookieBytes;
    }

    void copyCookie(byte[] target) {
        datagram.getBytes(cookieIndex, target, 0, cookieBytes);
    }

    /** The client's version, random and session id: what a cookie is good for (RFC 6347 section 4.2.1). */
    int parameterBytes() {
        return VERSION_BYTES + RANDOM_BYTES + 1 + sessionIdBytes;
    }

    void copyParameters(byte[] target, int index) {
        datagram.getBytes(body, target, index, parameterBytes());
    }

    void copyRandom(byte[] target) {
        datagram.getBytes(body + VERSION_BYTES, target, 0, RANDOM_BYTES);
    }

    /** Whether this is the ClientHello with that random: a late copy of one that was answered. */
    boolean hasRandom(byte[] random) {
        for (int i = 0; i < RANDOM_BYTES; i++) {
            if (datagram.getByte(body + VERSION_BYTES + i) != random[i]) {
                return false;
            }
        }
        return true;
    }
}
