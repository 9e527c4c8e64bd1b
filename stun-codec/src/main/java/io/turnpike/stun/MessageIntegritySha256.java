package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * MESSAGE-INTEGRITY-SHA256: HMAC-SHA256 of what precedes it (RFC 8489 section 14.6).
 *
 * @param hmac
 *            16 to 32 bytes, a multiple of four
 */
public record MessageIntegritySha256(Octets hmac) implements StunAttribute {

    /** Length on the wire, unless a usage allows truncation; TURN does not. */
    public static final int BYTES = 32;
    private static final int MIN_BYTES = 16;

    public MessageIntegritySha256 {
        if (!isAllowed(hmac.length())) {
            throw new IllegalArgumentException("MESSAGE-INTEGRITY-SHA256 has 16 to 32 bytes, not " + hmac.length());
        }
    }

    /** Whether the length is 16 to 32 and a multiple of four. */
    static boolean isAllowed(int length) {
        return length >= MIN_BYTES && length <= BYTES && length % 4 == 0;
    }

    static MessageIntegritySha256 decode(ByteBuf buffer, int messageStart, int index, int length) {
        return isAllowed(length) ? new MessageIntegritySha256(Octets.copyOf(buffer, index, length)) : null;
    }

    @Override
    public AttributeType type() {
        return AttributeType.MESSAGE_INTEGRITY_SHA256;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        hmac.writeTo(out);
    }
}
