package io.turnpike.node.config;

import io.netty.util.NetUtil;
import java.nio.ByteBuffer;

/**
 * A block of addresses in CIDR notation. IPv4 blocks hold their address in the low 32 bits; all comparisons are
 * unsigned, because half of IPv6 and of IPv4 is negative in Java.
 *
 * @param ipv6 family
 * @param high bits 0 to 63 of the first IPv6 address; 0 for IPv4
 * @param low bits 64 to 127 of the first IPv6 address, or the first IPv4 address
 * @param prefixLength 0 to 32 or 0 to 128
 */
public record CidrBlock(boolean ipv6, long high, long low, int prefixLength) {
    private static final int IPV4_BITS = 32;
    private static final int IPV6_BITS = 128;

    /** Refuses prefix lengths of another family and addresses with bits behind the prefix. */
    public CidrBlock {
        if (prefixLength < 0 || prefixLength > (ipv6 ? IPV6_BITS : IPV4_BITS)) {
            throw new IllegalArgumentException("a prefix length of " + prefixLength + " does not exist");
        }
        if ((high & ~highMask(ipv6, prefixLength)) != 0 || (low & ~lowMask(ipv6, prefixLength)) != 0) {
            throw new IllegalArgumentException("the address has bits behind its /" + prefixLength);
        }
    }

    /**
     * Reads {@code 10.0.0.0/8}, {@code fc00::/7}, or a single address. An IPv4-mapped IPv6 block is refused: write the
     * IPv4 block.
     *
     * @throws IllegalArgumentException if the text is something else; no name is ever looked up
     */
    public static CidrBlock parse(String text) {
        int slash = text.indexOf('/');
        String host = slash < 0 ? text : text.substring(0, slash);
        byte[] address = host.indexOf('%') >= 0 ? null : NetUtil.createByteArrayFromIpAddressString(host);
        if (address == null) {
            throw new IllegalArgumentException("not an address block such as 10.0.0.0/8 or fc00::/7: " + text);
        }
        int bits = address.length * Byte.SIZE;
        int prefixLength = slash < 0 ? bits : prefixLength(text, slash);
        if (address.length == Integer.BYTES) {
            return new CidrBlock(false, 0, Integer.toUnsignedLong(ByteBuffer.wrap(address).getInt()), prefixLength);
        }
        ByteBuffer words = ByteBuffer.wrap(address);
        CidrBlock block = new CidrBlock(true, words.getLong(), words.getLong(), prefixLength);
        if (block.high == 0 && block.low >>> IPV4_BITS == 0xFFFF && prefixLength >= IPV6_BITS - IPV4_BITS) {
            throw new IllegalArgumentException("write an IPv4-mapped block as IPv4: " + text);
        }
        return block;
    }

    private static int prefixLength(String text, int slash) {
        try {
            return Integer.parseInt(text.substring(slash + 1));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("no prefix length behind the slash: " + text, e);
        }
    }

    /** Whether the IPv4 address is in the block. */
    public boolean contains(int ipv4) {
        return !ipv6 && (Integer.toUnsignedLong(ipv4) & lowMask(false, prefixLength)) == low;
    }

    /** Whether the IPv6 address, given as its two halves, is in the block. */
    public boolean contains(long addressHigh, long addressLow) {
        return ipv6 && (addressHigh & highMask(true, prefixLength)) == high
                && (addressLow & lowMask(true, prefixLength)) == low;
    }

    /** Bits 0 to 63 of the last address. */
    public long lastHigh() {
        return high | ~highMask(ipv6, prefixLength);
    }

    /** Bits 64 to 127 of the last address, or the last IPv4 address. */
    public long lastLow() {
        long last = low | ~lowMask(ipv6, prefixLength);
        return ipv6 ? last : last & 0xFFFF_FFFFL;
    }

    private static long highMask(boolean ipv6, int prefixLength) {
        if (!ipv6) {
            return -1L;
        }
        return prefixLength == 0 ? 0 : prefixLength >= Long.SIZE ? -1L : -1L << Long.SIZE - prefixLength;
    }

    private static long lowMask(boolean ipv6, int prefixLength) {
        if (!ipv6) {
            return 0xFFFF_FFFFL << IPV4_BITS - prefixLength & 0xFFFF_FFFFL;
        }
        return prefixLength <= Long.SIZE ? 0 : -1L << IPV6_BITS - prefixLength;
    }
}
