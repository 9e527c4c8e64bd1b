package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * CACHE-TIMEOUT: how long a server remembers a transaction (RFC 5780 section 7.1).
 *
 * @param seconds
 *            unsigned 32 bits
 */
public record CacheTimeout(long seconds) implements StunAttribute {

    public CacheTimeout {
        if (seconds < 0 || seconds > 0xFFFF_FFFFL) {
            throw new IllegalArgumentException("CACHE-TIMEOUT has 32 bits, not " + seconds);
        }
    }

    static CacheTimeout decode(ByteBuf buffer, int messageStart, int index, int length) {
        return length == Integer.BYTES ? new CacheTimeout(buffer.getUnsignedInt(index)) : null;
    }

    @Override
    public AttributeType type() {
        return AttributeType.CACHE_TIMEOUT;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        out.writeInt((int) seconds);
    }
}
