package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * What a packet is, told from its first byte (RFC 7983 section 7), so that several protocols share one port.
 */
public enum PacketKind {
    /** First byte 0 to 3. */
    STUN,
    /** First byte 16 to 19. */
    ZRTP,
    /** First byte 20 to 63. */
    DTLS,
    /** First byte 64 to 79 (RFC 8656's channel numbers), or 64 to 127 on a leg that may speak RFC 5766. */
    CHANNEL_DATA,
    /** First byte 128 to 191: RTP or RTCP. */
    RTP,
    /** No protocol of RFC 7983, or an empty packet. */
    UNKNOWN;

    /** Classifies by RFC 7983, as an inspector of relayed data must. */
    public static PacketKind ofFirstByte(int firstByte) {
        int value = firstByte & 0xFF;
        if (value <= 3) {
            return STUN;
        }
        if (value >= 128 && value <= 191) {
            return RTP;
        }
        if (value >= 20 && value <= 63) {
            return DTLS;
        }
        if (value >= 64 && value <= 79) {
            return CHANNEL_DATA;
        }
        return value >= 16 && value <= 19 ? ZRTP : UNKNOWN;
    }

    /**
     * Classifies what a TURN client sent: 80 to 127 are ChannelData too, because the channel numbers of RFC 5766 reach
     * 0x7FFF; whether such a number is allowed is the allocation's question.
     */
    public static PacketKind ofClientByte(int firstByte) {
        int value = firstByte & 0xFF;
        return value >= 80 && value <= 127 ? CHANNEL_DATA : ofFirstByte(value);
    }

    /** Classifies the packet between the reader and writer index as one from a TURN client; indexes stay. */
    public static PacketKind fromClient(ByteBuf packet) {
        return packet.isReadable() ? ofClientByte(packet.getByte(packet.readerIndex())) : UNKNOWN;
    }
}
