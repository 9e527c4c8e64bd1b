package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * RESERVATION-TOKEN: names a held relayed address (RFC 8656 section 18.10).
 *
 * @param token
 *            64 opaque bits
 */
public record ReservationToken(long token) implements StunAttribute {

    static ReservationToken decode(ByteBuf buffer, int messageStart, int index, int length) {
        return length == Long.BYTES ? new ReservationToken(buffer.getLong(index)) : null;
    }

    @Override
    public AttributeType type() {
        return AttributeType.RESERVATION_TOKEN;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        out.writeLong(token);
    }
}
