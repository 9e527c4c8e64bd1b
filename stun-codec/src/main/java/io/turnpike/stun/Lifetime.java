package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * LIFETIME: how long the server keeps an allocation without a refresh (RFC 8656 section 18.2).
 *
 * @param seconds
 *            0 to 4294967295
 */
public record Lifetime(long seconds) implements StunAttribute {

    public Lifetime {
        if (seconds < 0 || seconds > 0xFFFF_FFFFL) {
            throw new IllegalArgumentException("a lifetime has 32 unsigned bits, not " + seconds);
        }
    }

    static Lifetime decode(ByteBuf buffer, int messageStart, int index, int length) {
        return length == 4 ? new Lifetime(buffer.getUnsignedInt(index)) : null;
    }

    @Override
    public AttributeType type() {
        return AttributeType.LIFETIME;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        out.writeInt((int) seconds);
    }
}
