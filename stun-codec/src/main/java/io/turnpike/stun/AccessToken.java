package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * ACCESS-TOKEN: a self-contained OAuth token that the server can open (RFC 7635 section 6.2).
 *
 * @param token
 *            opaque
 */
public record AccessToken(Octets token) implements StunAttribute {

    static AccessToken decode(ByteBuf buffer, int messageStart, int index, int length) {
        return new AccessToken(Octets.copyOf(buffer, index, length));
    }

    @Override
    public AttributeType type() {
        return AttributeType.ACCESS_TOKEN;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        token.writeTo(out);
    }
}
