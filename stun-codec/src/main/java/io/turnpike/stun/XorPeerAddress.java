package io.turnpike.stun;

import java.net.InetSocketAddress;

import io.netty.buffer.ByteBuf;

/**
 * XOR-PEER-ADDRESS: the peer as the server sees it (RFC 8656 section 18.3); the one attribute that may repeat.
 *
 * @param address
 *            resolved; IPv4 or IPv6
 */
public record XorPeerAddress(InetSocketAddress address) implements StunAttribute {

    public XorPeerAddress {
        AddressValue.requireResolved(address);
    }

    static XorPeerAddress decode(ByteBuf buffer, int messageStart, int index, int length) {
        InetSocketAddress address = AddressValue.decodeXor(buffer, messageStart, index, length);
        return address == null ? null : new XorPeerAddress(address);
    }

    @Override
    public AttributeType type() {
        return AttributeType.XOR_PEER_ADDRESS;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        AddressValue.encodeXor(out, messageStart, address);
    }
}
