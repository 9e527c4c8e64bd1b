package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/**
 * ADDRESS-ERROR-CODE: why one of two relayed addresses was not given (RFC 8656 section 18.12).
 *
 * @param familyCode
 *            the family that was refused, as on the wire
 * @param code
 *            300 to 699
 * @param reason
 *            for people, at most 763 bytes of UTF-8
 */
public record AddressErrorCode(int familyCode, int code, String reason) implements StunAttribute {

    public AddressErrorCode {
        if (familyCode < 0 || familyCode > 0xFF || code < 300 || code > 699) {
            throw new IllegalArgumentException("no address error: family " + familyCode + ", code " + code);
        }
        TextValue.require(reason, TextValue.MAX_TEXT_BYTES, "the reason phrase");
    }

    public AddressErrorCode(AddressFamily family, ErrorCode error) {
        this(family.code(), error.code(), error.reason());
    }

    static AddressErrorCode decode(ByteBuf buffer, int messageStart, int index, int length) {
        int code = ErrorValue.code(buffer, index, length);
        String reason = code == 0 ? null : ErrorValue.reason(buffer, index, length);
        return reason == null ? null : new AddressErrorCode(buffer.getUnsignedByte(index), code, reason);
    }

    @Override
    public AttributeType type() {
        return AttributeType.ADDRESS_ERROR_CODE;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        ErrorValue.encode(out, familyCode, code, reason);
    }
}
