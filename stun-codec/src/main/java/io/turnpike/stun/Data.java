package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * DATA: the payload of a Send or Data indication (RFC 8656 section 18.4); the hot path reads it in place instead.
 *
 * @param payload
 *            0 to 65535 bytes
 */
public record Data(Octets payload) implements StunAttribute {

    public Data {
        if (payload.length() > 0xFFFF) {
            throw new IllegalArgumentException("DATA has at most 65535 bytes, not " + payload.length());
        }
    }

    static Data decode(ByteBuf buffer, int messageStart, int index, int length) {
        return new Data(Octets.copyOf(buffer, index, length));
    }

    @Override
    public AttributeType type() {
        return AttributeType.DATA;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        payload.writeTo(out);
    }
}
