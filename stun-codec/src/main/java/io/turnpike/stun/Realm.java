package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * REALM: the protection space of long-term credentials (RFC 8489 section 14.9).
 *
 * @param name
 *            at most 763 bytes of UTF-8
 */
public record Realm(String name) implements StunAttribute {

    public Realm {
        TextValue.require(name, TextValue.MAX_TEXT_BYTES, "Realm");
    }

    static Realm decode(ByteBuf buffer, int messageStart, int index, int length) {
        String text = TextValue.decodeStrict(buffer, index, length, TextValue.MAX_TEXT_BYTES);
        return text == null ? null : new Realm(text);
    }

    @Override
    public AttributeType type() {
        return AttributeType.REALM;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        TextValue.encode(out, name);
    }
}
