package io.turnpike.telemetry.query;

import java.time.Duration;

/** Thrown when a question cannot be answered now: a store is restoring or moving, or no outcome arrived in time. */
public final class StoreUnavailable extends RuntimeException {
    private final Duration retryAfter;

    /**
     * @param message what is not available, for people; no secrets
     * @param retryAfter when it is worth asking again, at least one second
     */
    public StoreUnavailable(String message, Duration retryAfter) {
        super(message);
        this.retryAfter = retryAfter;
    }

    /** When it is worth asking again. */
    public Duration retryAfter() {
        return retryAfter;
    }
}
