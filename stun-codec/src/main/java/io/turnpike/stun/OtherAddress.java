package io.turnpike.stun;

import java.net.InetSocketAddress;

import io.netty.buffer.ByteBuf;

/**
 * OTHER-ADDRESS: the server's address with other IP and other port (RFC 5780 section 7.4).
 *
 * @param address
 *            resolved; IPv4 or IPv6
 */
public record OtherAddress(InetSocketAddress address) implements StunAttribute {

    public OtherAddress {
        AddressValue.requireResolved(address);
    }

    static OtherAddress decode(ByteBuf buffer, int messageStart, int index, int length) {
        InetSocketAddress address = AddressValue.decode(buffer, index, length);
        return address == null ? null : new OtherAddress(address);
    }

    @Override
    public AttributeType type() {
        return AttributeType.OTHER_ADDRESS;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        AddressValue.encode(out, address);
    }
}
