package io.turnpike.stun;

/** The class of a STUN message (RFC 8489 section 5), two bits of the message type. */
public enum StunClass {
    /** Asks for a response. */
    REQUEST(0b00),
    /** Wants no answer, and gets none. */
    INDICATION(0b01),
    /** The request was done. */
    SUCCESS_RESPONSE(0b10),
    /** The request was refused, with an ERROR-CODE. */
    ERROR_RESPONSE(0b11);

    private static final StunClass[] BY_BITS = values();

    private final int bits;

    StunClass(int bits) {
        this.bits = bits;
    }

    /** The two bits C1 C0, 0 to 3. */
    public int bits() {
        return bits;
    }

    static StunClass ofType(int messageType) {
        return BY_BITS[(messageType >> 7 & 0b10) | (messageType >> 4 & 0b01)];
    }
}
