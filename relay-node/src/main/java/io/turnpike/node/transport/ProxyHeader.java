package io.turnpike.node.transport;

import io.netty.buffer.ByteBuf;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The header with which a proxy begins a connection, to say for whom: versions 1 and 2 of HAProxy's PROXY protocol
 * (its proxy-protocol.txt, sections 2.1 and 2.2). A pure function of the first bytes; it never throws for bad ones, and
 * refuses at the first byte that cannot be one.
 *
 * @param outcome what the bytes are
 * @param bytes length of the header if it is complete
 * @param named the addresses that it names; none where the socket's own count: LOCAL, UNKNOWN, unspecified and UNIX ones
 */
record ProxyHeader(Outcome outcome, int bytes, Optional<ConnectionAddresses> named) {
    /** Bound of version 2 with its TLVs, which are skipped; proxies send a few hundred bytes at most. */
    static final int MAX_BYTES = 4096;

    private static final ProxyHeader INCOMPLETE = new ProxyHeader(Outcome.INCOMPLETE, 0, Optional.empty());
    private static final ProxyHeader MALFORMED = new ProxyHeader(Outcome.MALFORMED, 0, Optional.empty());
    private static final byte[] VERSION_1 = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_LINE_BYTES = 107;
    private static final byte[] VERSION_2 = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};
    private static final int FIXED_BYTES = 16;
    private static final int LOCAL = 0x20;
    private static final int PROXY = 0x21;
    private static final int UNSPECIFIED = 0x00;
    private static final int TCP_OVER_IPV4 = 0x11;
    private static final int TCP_OVER_IPV6 = 0x21;
    private static final int UNIX_STREAM = 0x31;
    private static final int UNIX_BYTES = 216;
    private static final int MAX_PORT = 65_535;
    private static final String DOTTED = "(0|[1-9]\\d{0,2})(\\.(0|[1-9]\\d{0,2})){3}";

    /** What the bytes so far are. */
    enum Outcome {
        INCOMPLETE, COMPLETE, MALFORMED
    }

    /** Reads the header at the reader index; indexes stay. */
    static ProxyHeader read(ByteBuf bytes) {
        if (begins(bytes, VERSION_1)) {
            return line(bytes);
        }
        return begins(bytes, VERSION_2) ? binary(bytes) : MALFORMED;
    }

    /** Whether the bytes are the signature, as far as they go. */
    private static boolean begins(ByteBuf bytes, byte[] signature) {
        int known = Math.min(bytes.readableBytes(), signature.length);
        for (int i = 0; i < known; i++) {
            if (bytes.getByte(bytes.readerIndex() + i) != signature[i]) {
                return false;
            }
        }
        return true;
    }

    private static ProxyHeader line(ByteBuf bytes) {
        int start = bytes.readerIndex();
        int known = Math.min(bytes.readableBytes(), MAX_LINE_BYTES);
        int end = bytes.indexOf(start, start + known, (byte) '\n');
        if (end < 0) {
            return known == MAX_LINE_BYTES ? MALFORMED : INCOMPLETE;
        }
        int length = end + 1 - start;
        if (length < 2 || bytes.getByte(end - 1) != '\r') {
            return MALFORMED;
        }
        String text = bytes.toString(start, length - 2, StandardCharsets.US_ASCII);
        String[] words = text.split(" ", -1);
        return switch (words[1]) {
            case "UNKNOWN" -> complete(length, Optional.empty());
            case "TCP4" -> words.length == 6 ? named(words, Integer.BYTES, length) : MALFORMED;
            case "TCP6" -> words.length == 6 ? named(words, 2 * Long.BYTES, length) : MALFORMED;
            default -> MALFORMED;
        };
    }

    private static ProxyHeader named(String[] words, int addressBytes, int length) {
        byte[] client = address(words[2], addressBytes);
        byte[] server = address(words[3], addressBytes);
        int clientPort = port(words[4]);
        int serverPort = port(words[5]);
        return client == null || server == null || clientPort < 0 || serverPort < 0
                ? MALFORMED
                : complete(length,
                        Optional.of(new ConnectionAddresses(socket(client, clientPort), socket(server, serverPort))));
    }

    /** Only the canonical characters: no zone, no brackets, no numbers with zeros before them. */
    private static byte[] address(String text, int bytes) {
        boolean ipv4 = bytes == Integer.BYTES;
        if (text.indexOf('%') >= 0 || text.indexOf('[') >= 0 || ipv4 && !text.matches(DOTTED)) {
            return null;
        }
        byte[] address = NetUtil.createByteArrayFromIpAddressString(text);
        return address != null && address.length == bytes ? address : null;
    }

    private static int port(String text) {
        if (!text.matches("0|[1-9]\\d{0,4}")) {
            return -1;
        }
        int port = Integer.parseInt(text);
        return port <= MAX_PORT ? port : -1;
    }

    private static ProxyHeader binary(ByteBuf bytes) {
        int start = bytes.readerIndex();
        int known = bytes.readableBytes();
        if (known > 12) {
            int command = bytes.getUnsignedByte(start + 12);
            if (command != LOCAL && command != PROXY) {
                return MALFORMED;
            }
        }
        if (known < FIXED_BYTES) {
            return INCOMPLETE;
        }
        int length = FIXED_BYTES + bytes.getUnsignedShort(start + 14);
        if (length > MAX_BYTES) {
            return MALFORMED;
        }
        boolean local = bytes.getUnsignedByte(start + 12) == LOCAL;
        int family = bytes.getUnsignedByte(start + 13);
        if (!local && length - FIXED_BYTES < addressBytes(family)) {
            return MALFORMED;
        }
        if (known < length) {
            return INCOMPLETE;
        }
        return complete(length, local ? Optional.empty() : addresses(bytes, start + FIXED_BYTES, family));
    }

    /** What the family's addresses need; more than there can be for what no proxy of a stream may send. */
    private static int addressBytes(int family) {
        return switch (family) {
            case UNSPECIFIED -> 0;
            case TCP_OVER_IPV4 -> 2 * (Integer.BYTES + Short.BYTES);
            case TCP_OVER_IPV6 -> 2 * (2 * Long.BYTES + Short.BYTES);
            case UNIX_STREAM -> UNIX_BYTES;
            default -> MAX_BYTES;
        };
    }

    private static Optional<ConnectionAddresses> addresses(ByteBuf bytes, int index, int family) {
        int size = switch (family) {
            case TCP_OVER_IPV4 -> Integer.BYTES;
            case TCP_OVER_IPV6 -> 2 * Long.BYTES;
            default -> 0;
        };
        if (size == 0) {
            return Optional.empty();
        }
        byte[] client = new byte[size];
        byte[] server = new byte[size];
        bytes.getBytes(index, client).getBytes(index + size, server);
        int ports = index + 2 * size;
        return Optional.of(new ConnectionAddresses(socket(client, bytes.getUnsignedShort(ports)),
                socket(server, bytes.getUnsignedShort(ports + Short.BYTES))));
    }

    private static InetSocketAddress socket(byte[] address, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }

    private static ProxyHeader complete(int bytes, Optional<ConnectionAddresses> named) {
        return new ProxyHeader(Outcome.COMPLETE, bytes, named);
    }
}
