package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * Reads a ChannelData message in place, and writes one: four bytes of framing instead of a Send or Data indication (RFC
 * 8656 section 12.4). A flyweight, confined to one thread; reading allocates nothing.
 *
 * <p>
 * Over UDP padding is optional and not in the length; whatever follows the application data is tolerated as padding and
 * counted in {@link #wireBytes()}. Over TCP and TLS the {@link StreamFramer} has cut the message with its padding.
 */
public final class ChannelData {

    /** Length of channel number and length field. */
    public static final int HEADER_BYTES = 4;
    /** Most application data that the length field can say. */
    public static final int MAX_DATA_BYTES = 0xFFFF;

    private int channelNumber;
    private int dataIndex;
    private int dataBytes;
    private int wireBytes;

    /** Wraps what is between the reader and writer index; indexes and reference count stay. */
    public Malformed wrap(ByteBuf packet) {
        return wrap(packet, packet.readerIndex(), packet.readableBytes());
    }

    /**
     * Wraps a part of a buffer.
     *
     * @return what is wrong with it, or {@link Malformed#NONE}; channel numbers 0x4000 to 0x7FFF are well-formed, and
     *         which of them is allowed is the allocation's question
     */
    public Malformed wrap(ByteBuf packet, int index, int length) {
        if (length < HEADER_BYTES) {
            return Malformed.TOO_SHORT;
        }
        int number = packet.getUnsignedShort(index);
        if (number < ChannelNumber.MIN || number > 0x7FFF) {
            return Malformed.WRONG_KIND;
        }
        int claimed = packet.getUnsignedShort(index + 2);
        if (claimed > length - HEADER_BYTES) {
            return Malformed.LENGTH_MISMATCH;
        }
        channelNumber = number;
        dataIndex = index + HEADER_BYTES;
        dataBytes = claimed;
        wireBytes = length;
        return Malformed.NONE;
    }

    /** The channel number, 0x4000 to 0x7FFF. */
    public int channelNumber() {
        return channelNumber;
    }

    /** Index in the wrapped buffer of the application data's first byte. */
    public int dataIndex() {
        return dataIndex;
    }

    /** Length of the application data, 0 to 65535. */
    public int dataBytes() {
        return dataBytes;
    }

    /** Length of the message as it was sent, header and padding included. */
    public int wireBytes() {
        return wireBytes;
    }

    /** Bytes that a message with this much data takes: padded to four on a stream, not padded in a datagram. */
    public static int wireBytes(int dataBytes, boolean stream) {
        return HEADER_BYTES + (stream ? StunFrame.padded(dataBytes) : dataBytes);
    }

    /** Writes the header; the caller writes the data and {@link #writePadding}, or sends them as another buffer. */
    public static void writeHeader(ByteBuf out, int channelNumber, int dataBytes) {
        out.writeShort(channelNumber).writeShort(dataBytes);
    }

    /** Writes the padding that follows the data on a stream (RFC 8656 section 12.5). */
    public static void writePadding(ByteBuf out, int dataBytes) {
        out.writeZero(StunFrame.padded(dataBytes) - dataBytes);
    }

    /** Writes a whole message from what is readable in a buffer, whose indexes and reference count stay. */
    public static void write(ByteBuf out, int channelNumber, ByteBuf data, boolean stream) {
        int dataBytes = data.readableBytes();
        writeHeader(out, channelNumber, dataBytes);
        out.writeBytes(data, data.readerIndex(), dataBytes);
        if (stream) {
            writePadding(out, dataBytes);
        }
    }
}
