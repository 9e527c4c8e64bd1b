package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * ICMP: an ICMP error that the relay got for a datagram to a peer (RFC 8656 section 18.13).
 *
 * @param icmpType
 *            0 to 127
 * @param icmpCode
 *            0 to 511
 * @param errorData
 *            next-hop MTU for types 3/4 and IPv6 type 2, else 0
 */
public record Icmp(int icmpType, int icmpCode, int errorData) implements StunAttribute {

    public Icmp {
        if (icmpType < 0 || icmpType > 0x7F || icmpCode < 0 || icmpCode > 0x1FF) {
            throw new IllegalArgumentException("ICMP type has 7 bits and code 9, not " + icmpType + "/" + icmpCode);
        }
    }

    static Icmp decode(ByteBuf buffer, int messageStart, int index, int length) {
        if (length != 8) {
            return null;
        }
        int typeAndCode = buffer.getUnsignedShort(index + 2);
        return new Icmp(typeAndCode >> 9, typeAndCode & 0x1FF, buffer.getInt(index + 4));
    }

    @Override
    public AttributeType type() {
        return AttributeType.ICMP;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        out.writeShort(0).writeShort(icmpType << 9 | icmpCode).writeInt(errorData);
    }
}
