package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * CONNECTION-ID: names a peer connection of a TCP allocation (RFC 6062 section 6.2.1).
 *
 * @param id
 *            32 bits
 */
public record ConnectionId(int id) implements StunAttribute {

    static ConnectionId decode(ByteBuf buffer, int messageStart, int index, int length) {
        return length == Integer.BYTES ? new ConnectionId(buffer.getInt(index)) : null;
    }

    @Override
    public AttributeType type() {
        return AttributeType.CONNECTION_ID;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        out.writeInt(id);
    }
}
