package io.turnpike.client;

/** No acceptable response came in time (RFC 8489 section 6.2). */
public final class StunTimeoutException extends RuntimeException {

    StunTimeoutException(String message) {
        super(message);
    }
}
