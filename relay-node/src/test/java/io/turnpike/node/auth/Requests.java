package io.turnpike.node.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.turnpike.stun.IntegrityAlgorithm;
import io.turnpike.stun.LongTermKey;
import io.turnpike.stun.Malformed;
import io.turnpike.stun.StunAttribute;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;

/** Requests as a client would send them, read back as the server sees them. */
final class Requests {
    private Requests() {}

    static StunFrame unsigned(StunMethod method, StunAttribute... attributes) {
        return wrap(message(method, attributes));
    }

    static StunFrame signed(StunMethod method, LongTermKey key, IntegrityAlgorithm algorithm,
            StunAttribute... attributes) {
        ByteBuf buffer = Unpooled.buffer();
        StunMessageBuilder message = begin(buffer, method, attributes);
        message.integrity(key, algorithm);
        return wrap(buffer);
    }

    private static ByteBuf message(StunMethod method, StunAttribute... attributes) {
        ByteBuf buffer = Unpooled.buffer();
        begin(buffer, method, attributes);
        return buffer;
    }

    private static StunMessageBuilder begin(ByteBuf buffer, StunMethod method, StunAttribute... attributes) {
        StunMessageBuilder message = new StunMessageBuilder().begin(buffer, method, StunClass.REQUEST,
                new TransactionId(1, 2));
        for (StunAttribute attribute : attributes) {
            message.add(attribute);
        }
        return message;
    }

    private static StunFrame wrap(ByteBuf buffer) {
        StunFrame frame = new StunFrame();
        assertThat(frame.wrap(buffer)).isEqualTo(Malformed.NONE);
        return frame;
    }
}
