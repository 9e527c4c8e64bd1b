package io.turnpike.stun;

import java.net.InetSocketAddress;

import io.netty.buffer.ByteBuf;

/**
 * XOR-RELAYED-ADDRESS: the relayed transport address that the server allocated (RFC 8656 section 18.5).
 *
 * @param address
 *            resolved; IPv4 or IPv6
 */
public record XorRelayedAddress(InetSocketAddress address) implements StunAttribute {

    public XorRelayedAddress {
        AddressValue.requireResolved(address);
    }

    static XorRelayedAddress decode(ByteBuf buffer, int messageStart, int index, int length) {
        InetSocketAddress address = AddressValue.decodeXor(buffer, messageStart, index, length);
        return address == null ? null : new XorRelayedAddress(address);
    }

    @Override
    public AttributeType type() {
        return AttributeType.XOR_RELAYED_ADDRESS;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        AddressValue.encodeXor(out, messageStart, address);
    }
}
