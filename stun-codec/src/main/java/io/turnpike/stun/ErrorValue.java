package io.turnpike.stun;

import io.netty.buffer.ByteBuf;

/** The shape that ERROR-CODE and ADDRESS-ERROR-CODE share: a byte, reserved bits, class, number, reason phrase. */
final class ErrorValue {

    private static final int REASON_OFFSET = 4;

    private ErrorValue() {}

    /** The code, 300 to 699, or 0 if the value is ill-formed. */
    static int code(ByteBuf buffer, int index, int length) {
        if (length < REASON_OFFSET) {
            return 0;
        }
        int hundreds = buffer.getByte(index + 2) & 0b111;
        int number = buffer.getUnsignedByte(index + 3);
        return hundreds < 3 || hundreds > 6 || number > 99 ? 0 : hundreds * 100 + number;
    }

    static String reason(ByteBuf buffer, int index, int length) {
        return TextValue.decodeLenient(buffer, index + REASON_OFFSET, length - REASON_OFFSET, TextValue.MAX_TEXT_BYTES);
    }

    static void encode(ByteBuf out, int leadingByte, int code, String reason) {
        out.writeByte(leadingByte).writeByte(0).writeByte(code / 100).writeByte(code % 100);
        TextValue.encode(out, reason);
    }
}
