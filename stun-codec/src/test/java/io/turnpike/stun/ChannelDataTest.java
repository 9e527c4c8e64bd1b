package io.turnpike.stun;

import static io.turnpike.stun.TestMessages.hex;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

class ChannelDataTest {

    private final ChannelData channelData = new ChannelData();

    @ParameterizedTest
    @CsvSource({"'', TOO_SHORT", "400000, TOO_SHORT", "40000000, NONE", "3fff0000, WRONG_KIND", "80000000, WRONG_KIND",
        "7fff0000, NONE", "40000001, LENGTH_MISMATCH", "4000000401020304, NONE", "40000005 01020304, LENGTH_MISMATCH",
        "4000ffff01, LENGTH_MISMATCH"})
    void namesWhatIsWrong(String message, Malformed expected) {
        ByteBuf buffer = hex(message);

        assertThat(channelData.wrap(buffer)).isEqualTo(expected);
        assertThat(buffer.readerIndex()).isZero();
        assertThat(buffer.refCnt()).isEqualTo(1);
    }

    @Test
    void readsInPlace() {
        ByteBuf message = hex("ffff 4001 0003 0a0b0c 00").skipBytes(2);

        assertThat(channelData.wrap(message)).isEqualTo(Malformed.NONE);
        assertThat(channelData.channelNumber()).isEqualTo(0x4001);
        assertThat(hex(message.slice(channelData.dataIndex(), channelData.dataBytes()))).isEqualTo("0a0b0c");
        assertThat(channelData.wireBytes()).as("padding was sent, so it counts").isEqualTo(8);
    }

    @Test
    void readsAnEmptyMessage() {
        assertThat(channelData.wrap(hex("4fff0000"))).isEqualTo(Malformed.NONE);
        assertThat(channelData.dataBytes()).isZero();
        assertThat(channelData.wireBytes()).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({"'', 40000000, 40000000", "01, 4000000101, 4000000101000000",
        "010203, 40000003010203, 4000000301020300",
        "01020304, 4000000401020304, 4000000401020304"})
    void padsOnAStreamOnly(String data, String datagram, String stream) {
        ByteBuf out = Unpooled.buffer();
        ByteBuf payload = hex(data);

        ChannelData.write(out, 0x4000, payload, false);
        assertThat(hex(out)).isEqualTo(datagram);
        assertThat(ChannelData.wireBytes(payload.readableBytes(), false)).isEqualTo(out.readableBytes());
        out.clear();
        ChannelData.write(out, 0x4000, payload, true);
        assertThat(hex(out)).isEqualTo(stream);
        assertThat(ChannelData.wireBytes(payload.readableBytes(), true)).isEqualTo(out.readableBytes());
        assertThat(payload.readerIndex()).isZero();
    }

    @Test
    void carriesTheLargestPayload() {
        ByteBuf out = Unpooled.buffer();
        ChannelData.write(out, 0x4000, Unpooled.wrappedBuffer(new byte[ChannelData.MAX_DATA_BYTES]), true);

        assertThat(channelData.wrap(out)).isEqualTo(Malformed.NONE);
        assertThat(channelData.dataBytes()).isEqualTo(65535);
        assertThat(out.readableBytes()).isEqualTo(65540);
    }
}
