package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * CHANGE-REQUEST: asks for the answer from the server's other address or port (RFC 5780 section 7.2).
 *
 * @param address
 *            from the other IP address
 * @param port
 *            from the other port
 */
public record ChangeRequest(boolean address, boolean port) implements StunAttribute {

    private static final int CHANGE_ADDRESS = 0x04;
    private static final int CHANGE_PORT = 0x02;

    static ChangeRequest decode(ByteBuf buffer, int messageStart, int index, int length) {
        if (length != Integer.BYTES) {
            return null;
        }
        int flags = buffer.getInt(index);
        return new ChangeRequest((flags & CHANGE_ADDRESS) != 0, (flags & CHANGE_PORT) != 0);
    }

    @Override
    public AttributeType type() {
        return AttributeType.CHANGE_REQUEST;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        out.writeInt((address ? CHANGE_ADDRESS : 0) | (port ? CHANGE_PORT : 0));
    }
}
