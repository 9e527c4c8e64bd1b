package io.turnpike.stun;

import java.net.InetSocketAddress;

import io.netty.buffer.ByteBuf;

/**
 * RESPONSE-ORIGIN: where the response was sent from (RFC 5780 section 7.3).
 *
 * @param address
 *            resolved; IPv4 or IPv6
 */
public record ResponseOrigin(InetSocketAddress address) implements StunAttribute {

    public ResponseOrigin {
        AddressValue.requireResolved(address);
    }

    static ResponseOrigin decode(ByteBuf buffer, int messageStart, int index, int length) {
        InetSocketAddress address = AddressValue.decode(buffer, index, length);
        return address == null ? null : new ResponseOrigin(address);
    }

    @Override
    public AttributeType type() {
        return AttributeType.RESPONSE_ORIGIN;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        AddressValue.encode(out, address);
    }
}
