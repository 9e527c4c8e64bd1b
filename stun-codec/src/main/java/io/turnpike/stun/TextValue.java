package io.turnpike.stun;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/** The shape that all text attributes share: UTF-8 of bounded length. */
final class TextValue {

    /** USERNAME: fewer than 509 bytes (RFC 8489 section 14.3). */
    static final int MAX_USERNAME_BYTES = 508;
    /** REALM, NONCE, SOFTWARE and reason phrases: at most 763 bytes (RFC 8489 sections 14.8 to 14.14). */
    static final int MAX_TEXT_BYTES = 763;
    /** ALTERNATE-DOMAIN: at most 255 bytes (RFC 8489 section 14.16). */
    static final int MAX_DOMAIN_BYTES = 255;

    private TextValue() {}

    /** The text, or null if it is too long or no UTF-8: a name that is compared must not be repaired on the way. */
    static String decodeStrict(ByteBuf buffer, int index, int length, int maxBytes) {
        if (length > maxBytes) {
            return null;
        }
        byte[] bytes = new byte[length];
        buffer.getBytes(index, bytes);
        if (isAscii(bytes)) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        return Arrays.equals(bytes, text.getBytes(StandardCharsets.UTF_8)) ? text : null;
    }

    private static boolean isAscii(byte[] bytes) {
        int all = 0;
        for (byte each : bytes) {
            all |= each;
        }
        return all >= 0;
    }

    /** Text for people: bad UTF-8 is replaced; null only if it is too long. */
    static String decodeLenient(ByteBuf buffer, int index, int length, int maxBytes) {
        if (length > maxBytes) {
            return null;
        }
        String text = buffer.toString(index, length, StandardCharsets.UTF_8);
        return ByteBufUtil.utf8Bytes(text) > maxBytes ? null : text;
    }

    static void encode(ByteBuf out, String text) {
        ByteBufUtil.writeUtf8(out, text);
    }

    static String require(String text, int maxBytes, String name) {
        if (ByteBufUtil.utf8Bytes(text) > maxBytes) {
            throw new IllegalArgumentException(name + " must have at most " + maxBytes + " bytes of UTF-8");
        }
        return text;
    }
}
