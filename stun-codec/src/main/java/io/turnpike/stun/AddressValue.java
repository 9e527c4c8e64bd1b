package io.turnpike.stun;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

import io.netty.buffer.ByteBuf;

/** The shape that all address attributes share: a zero byte, family, port, address; plain or XORed. */
final class AddressValue {

    private static final int ADDRESS_OFFSET = 4;
    private static final int PORT_MASK = StunFrame.MAGIC_COOKIE >>> 16;

    private AddressValue() {}

    /** The address length, 4 or 16, of a well-formed value; 0 if family and length disagree. */
    static int addressBytes(ByteBuf buffer, int index, int length) {
        if (length == ADDRESS_OFFSET + 4 && buffer.getByte(index + 1) == 0x01) {
            return 4;
        }
        return length == ADDRESS_OFFSET + 16 && buffer.getByte(index + 1) == 0x02 ? 16 : 0;
    }

    static int xorPort(ByteBuf buffer, int index) {
        return buffer.getUnsignedShort(index + 2) ^ PORT_MASK;
    }

    static int xorIpv4(ByteBuf buffer, int index) {
        return buffer.getInt(index + ADDRESS_OFFSET) ^ StunFrame.MAGIC_COOKIE;
    }

    static long xorIpv6High(ByteBuf buffer, int messageStart, int index) {
        return buffer.getLong(index + ADDRESS_OFFSET) ^ buffer.getLong(messageStart + StunFrame.COOKIE_OFFSET);
    }

    static long xorIpv6Low(ByteBuf buffer, int messageStart, int index) {
        return buffer.getLong(index + ADDRESS_OFFSET + 8) ^ buffer.getLong(messageStart + StunFrame.COOKIE_OFFSET + 8);
    }

    static InetSocketAddress decode(ByteBuf buffer, int index, int length) {
        int addressBytes = addressBytes(buffer, index, length);
        if (addressBytes == 0) {
            return null;
        }
        byte[] address = new byte[addressBytes];
        buffer.getBytes(index + ADDRESS_OFFSET, address);
        return socketAddress(address, buffer.getUnsignedShort(index + 2));
    }

    static InetSocketAddress decodeXor(ByteBuf buffer, int messageStart, int index, int length) {
        int addressBytes = addressBytes(buffer, index, length);
        if (addressBytes == 0) {
            return null;
        }
        byte[] address = new byte[addressBytes];
        xorAddress(buffer, messageStart, index, address, 0, addressBytes);
        return socketAddress(address, xorPort(buffer, index));
    }

    static void xorAddress(ByteBuf buffer, int messageStart, int index, byte[] into, int at, int addressBytes) {
        for (int i = 0; i < addressBytes; i++) {
            into[at + i] = (byte) (buffer.getByte(index + ADDRESS_OFFSET + i)
                    ^ buffer.getByte(messageStart + StunFrame.COOKIE_OFFSET + i));
        }
    }

    static void encode(ByteBuf out, InetSocketAddress address) {
        out.writeByte(0).writeByte(AddressFamily.of(address.getAddress()).code()).writeShort(address.getPort())
                .writeBytes(address.getAddress().getAddress());
    }

    static void encodeXor(ByteBuf out, int messageStart, InetSocketAddress address) {
        byte[] bytes = address.getAddress().getAddress();
        out.writeByte(0).writeByte(AddressFamily.of(address.getAddress()).code())
                .writeShort(address.getPort() ^ PORT_MASK);
        for (int i = 0; i < bytes.length; i++) {
            out.writeByte(bytes[i] ^ out.getByte(messageStart + StunFrame.COOKIE_OFFSET + i));
        }
    }

    static void encodeXorIpv4(ByteBuf out, int ipv4, int port) {
        out.writeByte(0).writeByte(0x01).writeShort(port ^ PORT_MASK).writeInt(ipv4 ^ StunFrame.MAGIC_COOKIE);
    }

    static void encodeXorIpv6(ByteBuf out, int messageStart, long high, long low, int port) {
        out.writeByte(0).writeByte(0x02).writeShort(port ^ PORT_MASK)
                .writeLong(high ^ out.getLong(messageStart + StunFrame.COOKIE_OFFSET))
                .writeLong(low ^ out.getLong(messageStart + StunFrame.COOKIE_OFFSET + 8));
    }

    static InetSocketAddress requireResolved(InetSocketAddress address) {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("an address attribute needs a resolved address, not " + address);
        }
        return address;
    }

    /** Keeps an IPv4-mapped IPv6 address IPv6, so that no disguise is lost on the way to the peer policy. */
    static InetSocketAddress socketAddress(byte[] address, int port) {
        try {
            InetAddress inet = address.length == 16
                    ? Inet6Address.getByAddress(null, address, -1)
                    : InetAddress.getByAddress(address);
            return new InetSocketAddress(inet, port);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address has 4 or 16 bytes", e);
        }
    }
}
