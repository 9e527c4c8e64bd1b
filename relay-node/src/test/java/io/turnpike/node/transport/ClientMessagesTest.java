package io.turnpike.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.turnpike.node.allocation.FakeLeg;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.turn.OneLoop;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientMessagesTest {
    private final OneLoop loop = new OneLoop();
    private final ClientMessages messages = new ClientMessages(loop.allocations, loop.turn, loop.clientToPeer,
            loop.drops);
    private final FakeLeg leg = new FakeLeg(new FiveTuple(ClientTransport.UDP,
            FakeSockets.address("203.0.112.9", 40_000), FakeSockets.address("198.41.0.4", 3478)), false);

    @Test
    void answersAMessageWhoseFingerprintIsRight() {
        ByteBuf request = binding();

        messages.message(request, leg);

        assertThat(leg.nextControl()).isNotNull();
        assertThat(loop.dropped(DropReason.BAD_FINGERPRINT)).isZero();
    }

    @Test
    void dropsAMessageWhoseFingerprintContradicts() {
        ByteBuf request = binding();
        request.setByte(request.writerIndex() - 1, request.getByte(request.writerIndex() - 1) ^ 1);

        messages.message(request, leg);

        assertThat(leg.nextControl()).isNull();
        assertThat(loop.dropped(DropReason.BAD_FINGERPRINT)).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"00010000000000000102030405060708090a0b0c, MALFORMED_STUN, no cookie",
        "000100022112a4420102030405060708090a0b0c0000, MALFORMED_STUN, length not a multiple of four",
        "000100082112a4420102030405060708090a0b0c, MALFORMED_STUN, shorter than it says",
        "000200002112a4420102030405060708090a0b0c, UNEXPECTED_METHOD, a method that does not exist",
        "16fefd0000000000000000, UNKNOWN_PROTOCOL, DTLS", "80000000, UNKNOWN_PROTOCOL, RTP",
        "4000000401020304, NO_ALLOCATION, a channel of nobody",
        "001600142112a4420102030405060708090a0b0c001200080001385ee73aa4484013000401020304"
                + ", NO_ALLOCATION, a Send indication of nobody"})
    void dropsInSilenceWhatIsNoRequest(String hex, DropReason reason, String why) {
        messages.message(Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex)), leg);

        assertThat(leg.nextControl()).as(why).isNull();
        assertThat(loop.dropped(reason)).as(why).isEqualTo(1);
    }

    private static ByteBuf binding() {
        ByteBuf request = Unpooled.buffer();
        new StunMessageBuilder().begin(request, StunMethod.BINDING, StunClass.REQUEST, new TransactionId(1, 2))
                .fingerprint();
        return request;
    }
}
