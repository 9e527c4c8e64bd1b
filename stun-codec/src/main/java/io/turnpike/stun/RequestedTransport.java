package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * REQUESTED-TRANSPORT: the protocol between relay and peer (RFC 8656 section 18.8).
 *
 * @param protocol
 *            an IP protocol number, 0 to 255
 */
public record RequestedTransport(int protocol) implements StunAttribute {

    /** IP protocol number of UDP, the one that RFC 8656 allows. */
    public static final int UDP = 17;
    /** IP protocol number of TCP (RFC 6062). */
    public static final int TCP = 6;

    public RequestedTransport {
        if (protocol < 0 || protocol > 0xFF) {
            throw new IllegalArgumentException("an IP protocol has 8 bits, not " + protocol);
        }
    }

    static RequestedTransport decode(ByteBuf buffer, int messageStart, int index, int length) {
        return length == 4 ? new RequestedTransport(buffer.getUnsignedByte(index)) : null;
    }

    @Override
    public AttributeType type() {
        return AttributeType.REQUESTED_TRANSPORT;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        out.writeByte(protocol).writeMedium(0);
    }
}
