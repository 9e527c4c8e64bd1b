package io.turnpike.stun;

import static io.turnpike.stun.TestMessages.ID;
import static io.turnpike.stun.TestMessages.KEY;
import static io.turnpike.stun.TestMessages.address;
import static io.turnpike.stun.TestMessages.frame;
import static io.turnpike.stun.TestMessages.hex;
import static io.turnpike.stun.TestMessages.request;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;

class StunMessageBuilderTest {

    @Test
    void padsWithZerosAndKeepsTheLengthRight() {
        ByteBuf out = Unpooled.buffer();
        request(out).add(new Username("a"));
        assertThat(hex(out)).isEqualTo("000100082112a4420102030405060708090a0b0c0006000161000000");
    }

    @Test
    void answersWithTheRequestsMethodAndTransaction() {
        ByteBuf question = Unpooled.buffer();
        request(question, StunMethod.CREATE_PERMISSION);
        ByteBuf out = Unpooled.buffer().writeZero(3).skipBytes(3);
        new StunMessageBuilder().respondError(out, frame(question), ErrorCode.FORBIDDEN).fingerprint();
        StunFrame answer = frame(out);

        assertThat(answer.method()).isEqualTo(StunMethod.CREATE_PERMISSION);
        assertThat(answer.messageClass()).isEqualTo(StunClass.ERROR_RESPONSE);
        assertThat(answer.transactionId()).isEqualTo(ID);
        assertThat(answer.get(ErrorCodeAttribute.class)).contains(new ErrorCodeAttribute(ErrorCode.FORBIDDEN));
        assertThat(answer.fingerprintMatches()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void signsWhatTheFrameVerifiesAlsoInADirectBuffer(IntegrityAlgorithm algorithm) {
        ByteBuf out = UnpooledByteBufAllocator.DEFAULT.directBuffer().writeZero(5).skipBytes(5);
        request(out).add(new Software("x".repeat(700))).addRaw(0xC001, new byte[3000]).integrity(KEY, algorithm)
                .fingerprint();
        StunFrame frame = frame(out);

        assertThat(frame.verifies(KEY, algorithm)).isTrue();
        assertThat(frame.fingerprintMatches()).isTrue();
        for (int at = out.readerIndex() + 20; at < out.writerIndex() - 8 - algorithm.macBytes() - 4; at += 97) {
            out.setByte(at, out.getByte(at) ^ 0x40);
            boolean readable = frame.wrap(out) == Malformed.NONE;
            assertThat(readable && frame.verifies(KEY, algorithm)).as("byte %d", at).isFalse();
            out.setByte(at, out.getByte(at) ^ 0x40);
        }
        out.release();
    }

    @Test
    void writesPeersAlikeFromNumbersAndAddresses() {
        ByteBuf numbers = Unpooled.buffer();
        ByteBuf addresses = Unpooled.buffer();
        request(numbers).addPeer(0xC0000201, 7).addPeer(0x20010db800000000L, 0x1L, 8);
        request(addresses).addPeer(address("192.0.2.1", 7)).add(new XorPeerAddress(address("2001:db8::1", 8)));

        assertThat(hex(numbers)).isEqualTo(hex(addresses));
    }

    @Test
    void copiesDataWithoutMovingItsIndexes() {
        ByteBuf payload = Unpooled.copiedBuffer("xhello", StandardCharsets.US_ASCII).skipBytes(1);
        ByteBuf out = Unpooled.buffer();
        request(out).addData(payload);
        ByteBuf part = Unpooled.buffer();
        request(part).addData(payload, 2, 3);

        assertThat(payload.readableBytes()).isEqualTo(5);
        assertThat(payload.refCnt()).isEqualTo(1);
        assertThat(frame(out).get(Data.class))
                .contains(new Data(Octets.of("hello".getBytes(StandardCharsets.US_ASCII))));
        assertThat(frame(part).get(Data.class))
                .contains(new Data(Octets.of("ell".getBytes(StandardCharsets.US_ASCII))));
    }
}
