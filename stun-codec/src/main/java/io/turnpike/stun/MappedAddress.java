package io.turnpike.stun;

import java.net.InetSocketAddress;

import io.netty.buffer.ByteBuf;

/**
 * MAPPED-ADDRESS: the client's reflexive address in plain, for RFC 3489 clients (RFC 8489 section 14.1).
 *
 * @param address
 *            resolved; IPv4 or IPv6
 */
public record MappedAddress(InetSocketAddress address) implements StunAttribute {

    public MappedAddress {
        AddressValue.requireResolved(address);
    }

    static MappedAddress decode(ByteBuf buffer, int messageStart, int index, int length) {
        InetSocketAddress address = AddressValue.decode(buffer, index, length);
        return address == null ? null : new MappedAddress(address);
    }

    @Override
    public AttributeType type() {
        return AttributeType.MAPPED_ADDRESS;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        AddressValue.encode(out, address);
    }
}
