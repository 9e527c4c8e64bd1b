package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * SOFTWARE: what the sender runs, for people to read (RFC 8489 section 14.14).
 *
 * @param description
 *            at most 763 bytes of UTF-8
 */
public record Software(String description) implements StunAttribute {

    public Software {
        TextValue.require(description, TextValue.MAX_TEXT_BYTES, "Software");
    }

    static Software decode(ByteBuf buffer, int messageStart, int index, int length) {
        String text = TextValue.decodeLenient(buffer, index, length, TextValue.MAX_TEXT_BYTES);
        return text == null ? null : new Software(text);
    }

    @Override
    public AttributeType type() {
        return AttributeType.SOFTWARE;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        TextValue.encode(out, description);
    }
}
