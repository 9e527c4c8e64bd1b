package io.turnpike.stun;

import java.net.InetSocketAddress;

import io.netty.buffer.ByteBuf;

/**
 * ALTERNATE-SERVER: the server to try after error 300 (RFC 8489 section 14.15).
 *
 * @param address
 *            resolved; IPv4 or IPv6
 */
public record AlternateServer(InetSocketAddress address) implements StunAttribute {

    public AlternateServer {
        AddressValue.requireResolved(address);
    }

    static AlternateServer decode(ByteBuf buffer, int messageStart, int index, int length) {
        InetSocketAddress address = AddressValue.decode(buffer, index, length);
        return address == null ? null : new AlternateServer(address);
    }

    @Override
    public AttributeType type() {
        return AttributeType.ALTERNATE_SERVER;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        AddressValue.encode(out, address);
    }
}
