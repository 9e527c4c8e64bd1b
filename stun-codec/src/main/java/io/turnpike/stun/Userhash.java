package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * USERHASH: SHA-256 of user name and realm, in place of USERNAME (RFC 8489 section 14.4).
 *
 * @param hash
 *            32 bytes
 */
public record Userhash(Octets hash) implements StunAttribute {

    /** Length on the wire. */
    public static final int BYTES = 32;

    public Userhash {
        if (hash.length() != BYTES) {
            throw new IllegalArgumentException("USERHASH has 32 bytes, not " + hash.length());
        }
    }

    static Userhash decode(ByteBuf buffer, int messageStart, int index, int length) {
        return length == BYTES ? new Userhash(Octets.copyOf(buffer, index, length)) : null;
    }

    @Override
    public AttributeType type() {
        return AttributeType.USERHASH;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        hash.writeTo(out);
    }
}
