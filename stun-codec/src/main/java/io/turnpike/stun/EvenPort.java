package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * EVEN-PORT: asks for an even relayed port (RFC 8656 section 18.7).
 *
 * @param reserveNext
 *            the R bit: hold the next higher port for a RESERVATION-TOKEN
 */
public record EvenPort(boolean reserveNext) implements StunAttribute {

    static EvenPort decode(ByteBuf buffer, int messageStart, int index, int length) {
        return length == 1 ? new EvenPort((buffer.getByte(index) & 0x80) != 0) : null;
    }

    @Override
    public AttributeType type() {
        return AttributeType.EVEN_PORT;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        out.writeByte(reserveNext ? 0x80 : 0);
    }
}
