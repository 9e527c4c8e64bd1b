package io.turnpike.stun;

/**
 * Why bytes are no message: the value that decoding answers with instead of an exception.
 *
 * <p>
 * RFC 8489 section 6.3 wants every one of these dropped in silence; the reason is for the counters.
 */
public enum Malformed {
    /** Nothing is wrong. */
    NONE("none"),
    /** Shorter than the fixed header: 20 bytes of a STUN message, 4 of ChannelData. */
    TOO_SHORT("too_short"),
    /** The two leading bits are not those of the expected kind (RFC 8489 section 5; RFC 8656 section 12.4). */
    WRONG_KIND("wrong_kind"),
    /** The magic cookie is missing (RFC 8489 section 5): an RFC 3489 client, or no STUN at all. */
    NO_MAGIC_COOKIE("no_magic_cookie"),
    /** The STUN length is no multiple of four (RFC 8489 section 5). */
    LENGTH_NOT_ALIGNED("length_not_aligned"),
    /** The STUN length differs from the bytes that are there, or ChannelData claims more than is there. */
    LENGTH_MISMATCH("length_mismatch"),
    /** A method outside {@link StunMethod} (RFC 8489 section 6.3). */
    UNKNOWN_METHOD("unknown_method"),
    /** A class that the method does not have, such as a Send request (RFC 8489 section 6.3). */
    CLASS_NOT_ALLOWED("class_not_allowed"),
    /** An attribute that reaches beyond the end of the message (RFC 8489 section 14). */
    ATTRIBUTE_OVERRUN("attribute_overrun"),
    /** An integrity attribute or FINGERPRINT of impossible length (RFC 8489 sections 14.5 to 14.7). */
    INTEGRITY_LENGTH("integrity_length"),
    /** Something follows FINGERPRINT (RFC 8489 section 14.7). */
    FINGERPRINT_NOT_LAST("fingerprint_not_last");

    private final String label;

    Malformed(String label) {
        this.label = label;
    }

    /** The reason as a metric label: lower case with underscores, stable over releases. */
    public String label() {
        return label;
    }
}
