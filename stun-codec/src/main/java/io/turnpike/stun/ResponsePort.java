package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * RESPONSE-PORT: asks for the answer to another port of the client (RFC 5780 section 7.5).
 *
 * @param port
 *            0 to 65535
 */
public record ResponsePort(int port) implements StunAttribute {

    private static final int WITH_UNCOUNTED_PADDING = 2;
    private static final int WITH_COUNTED_PADDING = 4;

    public ResponsePort {
        if (port < 0 || port > 0xFFFF) {
            throw new IllegalArgumentException("a port is 0 to 65535, not " + port);
        }
    }

    static ResponsePort decode(ByteBuf buffer, int messageStart, int index, int length) {
        // The RFC draws four bytes and says that two of them are padding; implementations count them in both ways.
        return length == WITH_UNCOUNTED_PADDING || length == WITH_COUNTED_PADDING
                ? new ResponsePort(buffer.getUnsignedShort(index))
                : null;
    }

    @Override
    public AttributeType type() {
        return AttributeType.RESPONSE_PORT;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        out.writeShort(port);
    }
}
