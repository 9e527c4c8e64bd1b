package io.turnpike.stun;

import java.net.InetSocketAddress;

import io.netty.buffer.ByteBuf;

/**
 * XOR-MAPPED-ADDRESS: the client's reflexive address, hidden from rewriting NATs (RFC 8489 section 14.2).
 *
 * @param address
 *            resolved; IPv4 or IPv6
 */
public record XorMappedAddress(InetSocketAddress address) implements StunAttribute {

    public XorMappedAddress {
        AddressValue.requireResolved(address);
    }

    static XorMappedAddress decode(ByteBuf buffer, int messageStart, int index, int length) {
        InetSocketAddress address = AddressValue.decodeXor(buffer, messageStart, index, length);
        return address == null ? null : new XorMappedAddress(address);
    }

    @Override
    public AttributeType type() {
        return AttributeType.XOR_MAPPED_ADDRESS;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        AddressValue.encodeXor(out, messageStart, address);
    }
}
