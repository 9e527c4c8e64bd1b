package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * USERNAME: who asks, in UTF-8, taken as it is: a signed name must not be altered (RFC 8489 section 14.3).
 *
 * @param name
 *            at most 508 bytes of UTF-8
 */
public record Username(String name) implements StunAttribute {

    public Username {
        TextValue.require(name, TextValue.MAX_USERNAME_BYTES, "Username");
    }

    static Username decode(ByteBuf buffer, int messageStart, int index, int length) {
        String text = TextValue.decodeStrict(buffer, index, length, TextValue.MAX_USERNAME_BYTES);
        return text == null ? null : new Username(text);
    }

    @Override
    public AttributeType type() {
        return AttributeType.USERNAME;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        TextValue.encode(out, name);
    }
}
