package io.turnpike.stun;

import java.util.Base64;

import io.netty.buffer.ByteBuf;

/**
 * NONCE: the server's challenge; it may begin with the cookie that announces security features (RFC 8489 sections 9.2
 * and 14.10).
 *
 * @param value
 *            at most 763 bytes of UTF-8
 */
public record Nonce(String value) implements StunAttribute {

    /** What a nonce with security feature bits begins with; four base64 characters follow (RFC 8489 section 9.2). */
    public static final String COOKIE = "obMatJos2";
    /** Security feature bit 0: password algorithms. The bits count from the most significant of 24. */
    public static final int PASSWORD_ALGORITHMS_FEATURE = 1 << 23;
    /** Security feature bit 1: username anonymity. */
    public static final int USERNAME_ANONYMITY_FEATURE = 1 << 22;

    private static final int FEATURE_CHARS = 4;

    public Nonce {
        TextValue.require(value, TextValue.MAX_TEXT_BYTES, "Nonce");
    }

    /** The prefix of a nonce that announces these features: the cookie and the 24 bits in base64. */
    public static String prefix(int features) {
        byte[] bits = {(byte) (features >> 16), (byte) (features >> 8), (byte) features};
        return COOKIE + Base64.getEncoder().encodeToString(bits);
    }

    /** The 24 security feature bits, 0 if the nonce has no well-formed cookie. */
    public int securityFeatures() {
        int end = COOKIE.length() + FEATURE_CHARS;
        if (value.length() < end || !value.startsWith(COOKIE)) {
            return 0;
        }
        int bits = 0;
        for (int i = COOKIE.length(); i < end; i++) {
            int digit = base64Digit(value.charAt(i));
            if (digit < 0) {
                return 0;
            }
            bits = bits << 6 | digit;
        }
        return bits;
    }

    /** Whether the server announced PASSWORD-ALGORITHMS, so that an answer without the list was tampered with. */
    public boolean announcesPasswordAlgorithms() {
        return (securityFeatures() & PASSWORD_ALGORITHMS_FEATURE) != 0;
    }

    static Nonce decode(ByteBuf buffer, int messageStart, int index, int length) {
        String text = TextValue.decodeStrict(buffer, index, length, TextValue.MAX_TEXT_BYTES);
        return text == null ? null : new Nonce(text);
    }

    @Override
    public AttributeType type() {
        return AttributeType.NONCE;
    }

    @Override
    public void encode(ByteBuf out, int messageStart) {
        TextValue.encode(out, value);
    }

    private static int base64Digit(char c) {
        if (c >= 'A' && c <= 'Z') {
            return c - 'A';
        }
        if (c >= 'a' && c <= 'z') {
            return c - 'a' + 26;
        }
        if (c >= '0' && c <= '9') {
            return c - '0' + 52;
        }
        return c == '+' ? 62 : c == '/' ? 63 : -1;
    }
}
