package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * DONT-FRAGMENT: asks for the DF bit on datagrams to the peer (RFC 8656 section 18.9).
 */
public record DontFragment() implements StunAttribute {

    static DontFragment decode(ByteBuf buffer, int messageStart, int index, int length) {
        return length == 0 ? new DontFragment() : null;
    }

    @Override
    public AttributeType type() {
        return AttributeType.DONT_FRAGMENT;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        // the presence is the value
    }
}
