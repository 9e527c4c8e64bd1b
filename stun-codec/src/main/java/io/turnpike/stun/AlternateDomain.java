package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * ALTERNATE-DOMAIN: the name to check the alternate server's certificate against (RFC 8489 section 14.16).
 *
 * @param domain
 *            a host name, at most 255 bytes
 */
public record AlternateDomain(String domain) implements StunAttribute {

    public AlternateDomain {
        TextValue.require(domain, TextValue.MAX_DOMAIN_BYTES, "AlternateDomain");
    }

    static AlternateDomain decode(ByteBuf buffer, int messageStart, int index, int length) {
        String text = TextValue.decodeStrict(buffer, index, length, TextValue.MAX_DOMAIN_BYTES);
        return text == null ? null : new AlternateDomain(text);
    }

    @Override
    public AttributeType type() {
        return AttributeType.ALTERNATE_DOMAIN;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        TextValue.encode(out, domain);
    }
}
