package io.turnpike.stun;

import java.util.Optional;

/** The error codes of STUN and TURN, RFC 6062 and RFC 8016 included, with the reason phrase that goes with each. */
public enum ErrorCode {
    /** RFC 8489 section 14.8: the server asks the client to use another one. */
    TRY_ALTERNATE(300, "Try Alternate"),
    /** RFC 8489 section 14.8: the request is malformed. */
    BAD_REQUEST(400, "Bad Request"),
    /** RFC 8489 section 14.8: credentials are missing or wrong. */
    UNAUTHENTICATED(401, "Unauthenticated"),
    /** RFC 8656 section 19: the administrator forbids it. */
    FORBIDDEN(403, "Forbidden"),
    /** RFC 8016 section 3.6: allocations may not move here. */
    MOBILITY_FORBIDDEN(405, "Mobility Forbidden"),
    /** RFC 8489 section 14.8: an attribute that must be understood was not. */
    UNKNOWN_ATTRIBUTE(420, "Unknown Attribute"),
    /** RFC 8656 section 19: no allocation where one is needed, or one where none may be. */
    ALLOCATION_MISMATCH(437, "Allocation Mismatch"),
    /** RFC 8489 section 14.8: the nonce is no longer valid. */
    STALE_NONCE(438, "Stale Nonce"),
    /** RFC 8656 section 19: the family is not relayed here. */
    ADDRESS_FAMILY_NOT_SUPPORTED(440, "Address Family not Supported"),
    /** RFC 8656 section 19: the allocation is another user's. */
    WRONG_CREDENTIALS(441, "Wrong Credentials"),
    /** RFC 8656 section 19: the transport is not relayed here. */
    UNSUPPORTED_TRANSPORT_PROTOCOL(442, "Unsupported Transport Protocol"),
    /** RFC 8656 section 19: the peer has another family than the relayed address. */
    PEER_ADDRESS_FAMILY_MISMATCH(443, "Peer Address Family Mismatch"),
    /** RFC 6062 section 6.3: the client has a connection to this peer. */
    CONNECTION_ALREADY_EXISTS(446, "Connection Already Exists"),
    /** RFC 6062 section 6.3: the peer could not be connected to. */
    CONNECTION_TIMEOUT_OR_FAILURE(447, "Connection Timeout or Failure"),
    /** RFC 8656 section 19: the user has reached a quota. */
    ALLOCATION_QUOTA_REACHED(486, "Allocation Quota Reached"),
    /** RFC 8489 section 14.8: the server has failed for now. */
    SERVER_ERROR(500, "Server Error"),
    /** RFC 8656 section 19: the server has nothing left to give. */
    INSUFFICIENT_CAPACITY(508, "Insufficient Capacity");

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
