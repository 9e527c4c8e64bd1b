package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * CHANNEL-NUMBER: the channel to bind (RFC 8656 section 18.1).
 *
 * @param number
 *            16 bits; valid are 0x4000 to 0x4FFF (RFC 8656 section 12), and up to 0x7FFE in RFC 5766
 */
public record ChannelNumber(int number) implements StunAttribute {

    /** The lowest channel number. */
    public static final int MIN = 0x4000;
    /** The highest of RFC 8656 section 12. */
    public static final int MAX = 0x4FFF;
    /** The highest of RFC 5766 section 11, for tenants with old clients. */
    public static final int MAX_RFC5766 = 0x7FFE;

    public ChannelNumber {
        if (number < 0 || number > 0xFFFF) {
            throw new IllegalArgumentException("a channel number has 16 bits, not " + number);
        }
    }

    static ChannelNumber decode(ByteBuf buffer, int messageStart, int index, int length) {
        return length == 4 ? new ChannelNumber(buffer.getUnsignedShort(index)) : null;
    }

    @Override
    public AttributeType type() {
        return AttributeType.CHANNEL_NUMBER;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        out.writeShort(number).writeShort(0);
    }
}
