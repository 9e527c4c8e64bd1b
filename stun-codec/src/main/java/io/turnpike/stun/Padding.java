package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * PADDING: fills a message to the size that a path is probed with (RFC 5780 section 7.6).
 *
 * @param bytes
 *            length of the value, a multiple of 4 up to 64,000; its content means nothing and is written as zeros
 */
public record Padding(int bytes) implements StunAttribute {

    private static final int MAX_BYTES = 64_000;

    public Padding {
        if (bytes < 0 || bytes > MAX_BYTES) {
            throw new IllegalArgumentException("PADDING has 0 to " + MAX_BYTES + " bytes, not " + bytes);
        }
    }

    static Padding decode(ByteBuf buffer, int messageStart, int index, int length) {
        return length <= MAX_BYTES ? new Padding(length) : null;
    }

    @Override
    public AttributeType type() {
        return AttributeType.PADDING;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        out.writeZero(bytes);
    }
}
