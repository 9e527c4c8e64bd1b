package io.turnpike.node.turn;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.turnpike.node.allocation.FakeLeg;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.stun.IntegrityAlgorithm;
import io.turnpike.stun.IntegrityKey;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.LongTermKey;
import io.turnpike.stun.Malformed;
import io.turnpike.stun.StunAttribute;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;
import java.util.AbstractList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReplyTest {
    private final IntegrityKey key = LongTermKey.md5("al", "turnpike", "secret");
    private final FakeLeg here = leg(1);
    private final FakeLeg there = leg(2);

    @Test
    void writesForAnotherLoopBesideWhatIsBeingWrittenOnThisOne() {
        Reply reply = Reply.to(request(), here, new Reply.Desk(UnpooledByteBufAllocator.DEFAULT))
                .signed(new Reply.Signature(key, IntegrityAlgorithm.HMAC_SHA1));
        Reply handedOver = reply.fromAnotherLoop(there);

        // The other loop answers while this one is between two attributes.
        reply.success(new AbstractList<StunAttribute>() {
            @Override
            public StunAttribute get(int index) {
                if (index == 1) {
                    handedOver.success(new Lifetime(700));
                }
                return new Lifetime(600 + index);
            }

            @Override
            public int size() {
                return 2;
            }
        });

        for (FakeLeg leg : List.of(here, there)) {
            Answer answer = new Answer(leg.nextControl(), key);
            assertThat(answer.isSigned()).isTrue();
            assertThat(answer.attribute(Lifetime.class).seconds()).isEqualTo(leg == here ? 600 : 700);
        }
    }

    private static StunFrame request() {
        ByteBuf message = Unpooled.buffer();
        new StunMessageBuilder().begin(message, StunMethod.REFRESH, StunClass.REQUEST,
                TransactionId.random(new Random(1)));
        StunFrame frame = new StunFrame();
        assertThat(frame.wrap(message)).isEqualTo(Malformed.NONE);
        return frame;
    }

    private static FakeLeg leg(int port) {
        return new FakeLeg(new FiveTuple(ClientTransport.UDP, FakeSockets.address("203.0.113.1", port),
                FakeSockets.address("198.41.0.4", 3478)), false);
    }
}
