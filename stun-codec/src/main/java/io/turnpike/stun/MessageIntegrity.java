package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * MESSAGE-INTEGRITY: HMAC-SHA1 of what precedes it (RFC 8489 section 14.5); StunMessageBuilder computes it.
 *
 * @param hmac
 *            20 bytes
 */
public record MessageIntegrity(Octets hmac) implements StunAttribute {

    /** Length on the wire. */
    public static final int BYTES = 20;

    public MessageIntegrity {
        if (hmac.length() != BYTES) {
            throw new IllegalArgumentException("MESSAGE-INTEGRITY has 20 bytes, not " + hmac.length());
        }
    }

    static MessageIntegrity decode(ByteBuf buffer, int messageStart, int index, int length) {
        return length == BYTES ? new MessageIntegrity(Octets.copyOf(buffer, index, length)) : null;
    }

    @Override
    public AttributeType type() {
        return AttributeType.MESSAGE_INTEGRITY;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        hmac.writeTo(out);
    }
}
