package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * THIRD-PARTY-AUTHORIZATION: the server takes access tokens made out for this name (RFC 7635 section 6.1).
 *
 * @param serverName
 *            at most 763 bytes of UTF-8
 */
public record ThirdPartyAuthorization(String serverName) implements StunAttribute {

    public ThirdPartyAuthorization {
        TextValue.require(serverName, TextValue.MAX_TEXT_BYTES, "ThirdPartyAuthorization");
    }

    static ThirdPartyAuthorization decode(ByteBuf buffer, int messageStart, int index, int length) {
        String text = TextValue.decodeStrict(buffer, index, length, TextValue.MAX_TEXT_BYTES);
        return text == null ? null : new ThirdPartyAuthorization(text);
    }

    @Override
    public AttributeType type() {
        return AttributeType.THIRD_PARTY_AUTHORIZATION;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        TextValue.encode(out, serverName);
    }
}
