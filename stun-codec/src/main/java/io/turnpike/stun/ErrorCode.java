package io.turnpike.stun;

import java.util.Optional;

/** The error codes of RFC 8489 section 14.8 and RFC 8656 section 19, with the reason phrase that goes with each. */
public enum ErrorCode {
    TRY_ALTERNATE(300, "Try Alternate"), BAD_REQUEST(400, "Bad Request"), UNAUTHENTICATED(401,
            "Unauthenticated"), FORBIDDEN(403, "Forbidden"), UNKNOWN_ATTRIBUTE(420,
                    "Unknown Attribute"), ALLOCATION_MISMATCH(437, "Allocation Mismatch"), STALE_NONCE(438,
                            "Stale Nonce"), ADDRESS_FAMILY_NOT_SUPPORTED(440,
                                    "Address Family not Supported"), WRONG_CREDENTIALS(441,
                                            "Wrong Credentials"), UNSUPPORTED_TRANSPORT_PROTOCOL(442,
                                                    "Unsupported Transport Protocol"), PEER_ADDRESS_FAMILY_MISMATCH(443,
                                                            "Peer Address Family Mismatch"), ALLOCATION_QUOTA_REACHED(
                                                                    486, "Allocation Quota Reached"), SERVER_ERROR(500,
                                                                            "Server Error"), INSUFFICIENT_CAPACITY(508,
                                                                                    "Insufficient Capacity");

    private final int code;
    private final String reason;

    ErrorCode(int code, String reason) {
        this.code = code;
        this.reason = reason;
    }

    /** The number on the wire, 300 to 699. */
    public int code() {
        return code;
    }

    /** The reason phrase, ASCII. */
    public String reason() {
        return reason;
    }

    /** The constant of a number, empty if it belongs to another RFC. */
    public static Optional<ErrorCode> ofCode(int code) {
        for (ErrorCode error : values()) {
            if (error.code == code) {
                return Optional.of(error);
            }
        }
        return Optional.empty();
    }
}
