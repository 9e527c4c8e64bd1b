package io.turnpike.node.turn;

import io.netty.buffer.Unpooled;
import io.turnpike.stun.AttributeType;
import io.turnpike.stun.ErrorCodeAttribute;
import io.turnpike.stun.IntegrityAlgorithm;
import io.turnpike.stun.IntegrityKey;
import io.turnpike.stun.Malformed;
import io.turnpike.stun.StunAttribute;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.TransactionId;

/** A response as the client reads it. */
public final class Answer {
    private final StunFrame frame = new StunFrame();
    private final IntegrityKey key;
    private final byte[] bytes;

    Answer(byte[] bytes, IntegrityKey key) {
        this.bytes = bytes;
        this.key = key;
        if (frame.wrap(Unpooled.wrappedBuffer(bytes)) != Malformed.NONE) {
            throw new AssertionError("the relay sent a malformed message");
        }
    }

    public boolean isSuccess() {
        return frame.messageClass() == StunClass.SUCCESS_RESPONSE;
    }

    /** The error code, 0 for a success. */
    public int error() {
        return frame.get(ErrorCodeAttribute.class).map(ErrorCodeAttribute::code).orElse(0);
    }

    /** Whether it is signed under the client's password. */
    public boolean isSigned() {
        return frame.verifies(key, IntegrityAlgorithm.HMAC_SHA1);
    }

    public <A extends StunAttribute> A attribute(Class<A> type) {
        return frame.get(type)
                .orElseThrow(() -> new AssertionError("no " + type.getSimpleName() + ", error " + error()));
    }

    public boolean has(AttributeType type) {
        return frame.has(type);
    }

    public TransactionId transactionId() {
        return frame.transactionId();
    }

    public byte[] bytes() {
        return bytes;
    }
}
