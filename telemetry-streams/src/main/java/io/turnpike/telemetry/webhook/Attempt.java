package io.turnpike.telemetry.webhook;

import java.time.Duration;
import java.util.Optional;

/**
 * What came of one request.
 *
 * @param status HTTP status, 0 if there was none
 * @param error why there was none, for people, or empty
 * @param retryAfter what the endpoint asked for
 */
record Attempt(int status, String error, Optional<Duration> retryAfter) {
    private static final int GONE = 410;

    static Attempt answered(int status, Optional<Duration> retryAfter) {
        return new Attempt(status, status / 100 == 2 ? "" : "the endpoint answered " + status, retryAfter);
    }

    static Attempt failed(String error) {
        return new Attempt(0, error, Optional.empty());
    }

    /** Whether the endpoint took the event. */
    boolean succeeded() {
        return status / 100 == 2;
    }

    /** Whether the endpoint wants no more of them, ever. */
    boolean isGone() {
        return status == GONE;
    }
}
