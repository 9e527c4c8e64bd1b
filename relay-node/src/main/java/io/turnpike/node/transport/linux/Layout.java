package io.turnpike.node.transport.linux;

import io.netty.channel.unix.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The kernel's structures on 64-bit Linux, as offsets into memory (bits/socket.h, netinet/in.h, linux/udp.h), and how
 * addresses are written into them.
 */
final class Layout {
    static final int MMSGHDR_BYTES = 64;
    static final int MSG_NAME = 0;
    static final int MSG_NAMELEN = 8;
    static final int MSG_IOV = 16;
    static final int MSG_IOVLEN = 24;
    static final int MSG_CONTROL = 32;
    static final int MSG_CONTROLLEN = 40;
    static final int MSG_LEN = 56;

    static final int IOVEC_BYTES = 16;
    static final int IOV_LEN = 8;

    static final int SOCKADDR_IN_BYTES = 16;
    static final int SOCKADDR_IN6_BYTES = 28;
    /** Room for either, aligned. */
    static final int NAME_BYTES = 32;
    static final int SIN_PORT = 2;
    static final int SIN_ADDR = 4;
    static final int SIN6_ADDR = 8;
    static final int SIN6_SCOPE = 24;
    static final short AF_INET = 2;
    static final short AF_INET6 = 10;

    static final int CMSG_LEVEL = 8;
    static final int CMSG_TYPE = 12;
    static final int CMSG_DATA = 16;
    /** A control message of one short or int, with its padding. */
    static final int CMSG_SPACE = 24;
    static final int SOL_UDP = 17;
    static final int UDP_SEGMENT = 103;
    static final int UDP_GRO = 104;

    /** Segments that the kernel makes of one buffer at most (UDP_MAX_SEGMENTS of older kernels). */
    static final int MOST_SEGMENTS = 64;
    /** The largest UDP payload over IPv4, which a buffer of segments may not exceed either. */
    static final int MOST_BYTES = 65_507;

    private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private Layout() {}

    /** Zeroed memory in the machine's byte order; freed with the buffer. */
    static ByteBuffer memory(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    static long addressOf(ByteBuffer memory) {
        return Buffer.memoryAddress(memory);
    }

    /** To and from network order. */
    static short network(short port) {
        return LITTLE_ENDIAN ? Short.reverseBytes(port) : port;
    }

    static int network(int word) {
        return LITTLE_ENDIAN ? Integer.reverseBytes(word) : word;
    }

    static long network(long word) {
        return LITTLE_ENDIAN ? Long.reverseBytes(word) : word;
    }
}
