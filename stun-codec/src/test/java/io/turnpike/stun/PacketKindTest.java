package io.turnpike.stun;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import io.netty.buffer.Unpooled;

class PacketKindTest {

    @Test
    void followsTheFigureOfRfc7983() {
        for (int first = 0; first <= 255; first++) {
            PacketKind expected = first <= 3
                    ? PacketKind.STUN
                    : first <= 15
                            ? PacketKind.UNKNOWN
                            : first <= 19
                                    ? PacketKind.ZRTP
                                    : first <= 63
                                            ? PacketKind.DTLS
                                            : first <= 79
                                                    ? PacketKind.CHANNEL_DATA
                                                    : first <= 127
                                                            ? PacketKind.UNKNOWN
                                                            : first <= 191 ? PacketKind.RTP : PacketKind.UNKNOWN;
            assertThat(PacketKind.ofFirstByte(first)).as("%d", first).isEqualTo(expected);
            assertThat(PacketKind.ofFirstByte((byte) first)).isEqualTo(expected);
        }
    }

    @Test
    void takesTheChannelNumbersOfRfc5766FromAClient() {
        for (int first = 0; first <= 255; first++) {
            PacketKind expected = first >= 64 && first <= 127 ? PacketKind.CHANNEL_DATA : PacketKind.ofFirstByte(first);
            assertThat(PacketKind.ofClientByte(first)).as("%d", first).isEqualTo(expected);
            assertThat(PacketKind.fromClient(Unpooled.wrappedBuffer(new byte[]{(byte) first}))).isEqualTo(expected);
        }
    }

    @Test
    void knowsThatAnEmptyPacketIsNothing() {
        assertThat(PacketKind.fromClient(Unpooled.EMPTY_BUFFER)).isEqualTo(PacketKind.UNKNOWN);
    }
}
