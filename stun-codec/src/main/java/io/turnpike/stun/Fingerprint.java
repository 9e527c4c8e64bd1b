package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * FINGERPRINT: CRC-32 of the message so far, XORed with "STUN" (RFC 8489 section 14.7).
 *
 * @param value
 *            as on the wire, after the XOR
 */
public record Fingerprint(int value) implements StunAttribute {

    static final int BYTES = 4;
    static final int XOR = 0x5354554E;

    static Fingerprint decode(ByteBuf buffer, int messageStart, int index, int length) {
        return length == BYTES ? new Fingerprint(buffer.getInt(index)) : null;
    }

    @Override
    public AttributeType type() {
        return AttributeType.FINGERPRINT;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        out.writeInt(value);
    }
}
