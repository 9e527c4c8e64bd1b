package io.turnpike.stun;

import java.util.Optional;

import io.netty.buffer.ByteBuf;

/**
 * ERROR-CODE: why a request was refused (RFC 8489 section 14.8).
 *
 * @param code
 *            300 to 699
 * @param reason
 *            for people, at most 763 bytes of UTF-8
 */
public record ErrorCodeAttribute(int code, String reason) implements StunAttribute {

    public ErrorCodeAttribute {
        if (code < 300 || code > 699) {
            throw new IllegalArgumentException("an error code is 300 to 699, not " + code);
        }
        TextValue.require(reason, TextValue.MAX_TEXT_BYTES, "the reason phrase");
    }

    public ErrorCodeAttribute(ErrorCode error) {
        this(error.code(), error.reason());
    }

    /** The constant of the code, empty if it belongs to another RFC. */
    public Optional<ErrorCode> error() {
        return ErrorCode.ofCode(code);
    }

    static ErrorCodeAttribute decode(ByteBuf buffer, int messageStart, int index, int length) {
        int code = ErrorValue.code(buffer, index, length);
        String reason = code == 0 ? null : ErrorValue.reason(buffer, index, length);
        return reason == null ? null : new ErrorCodeAttribute(code, reason);
    }

    @Override
    public AttributeType type() {
        return AttributeType.ERROR_CODE;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        ErrorValue.encode(out, 0, code, reason);
    }
}
