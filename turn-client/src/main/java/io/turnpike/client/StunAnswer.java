package io.turnpike.client;

import java.util.Optional;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import io.turnpike.stun.ErrorCode;
import io.turnpike.stun.ErrorCodeAttribute;
import io.turnpike.stun.StunAttribute;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunFrame;

/** A response as a value of its own: a copy of the bytes, with the frame that reads them. */
public final class StunAnswer {

    private final StunFrame frame = new StunFrame();
    private final byte[] bytes;

    /** Copies a well-formed message; the buffer's indexes stay. */
    StunAnswer(ByteBuf message) {
        bytes = new byte[message.readableBytes()];
        message.getBytes(message.readerIndex(), bytes);
        frame.wrap(Unpooled.wrappedBuffer(bytes));
    }

    /** The message, to be read by one thread at a time. */
    public StunFrame frame() {
        return frame;
    }

    /** A copy of the message's bytes. */
    public byte[] toByteArray() {
        return bytes.clone();
    }

    /** Whether it is a success response. */
    public boolean isSuccess() {
        return frame.messageClass() == StunClass.SUCCESS_RESPONSE;
    }

    /** The first attribute of this type, empty if it is absent or ill-formed. */
    public <A extends StunAttribute> Optional<A> get(Class<A> type) {
        return frame.get(type);
    }

    /** The number of ERROR-CODE; 0 in a success response, and where it is absent or ill-formed. */
    public int errorCode() {
        return isSuccess() ? 0 : get(ErrorCodeAttribute.class).map(ErrorCodeAttribute::code).orElse(0);
    }

    /** Whether it is the error response with this code. */
    public boolean isError(ErrorCode error) {
        return errorCode() == error.code();
    }

    @Override
    public String toString() {
        return frame.method() + " " + frame.messageClass() + (isSuccess() ? "" : " " + errorCode());
    }
}
