package io.turnpike.telemetry.query;

import java.time.Instant;

/**
 * A half-open range of time. Ranges that reach a query are aligned to its {@link Step}.
 *
 * @param from first instant
 * @param to first instant after the range, later than from
 */
public record TimeRange(Instant from, Instant to) {
    public TimeRange {
        if (!from.isBefore(to)) {
            throw new IllegalArgumentException("from must be before to: " + from + ", " + to);
        }
    }

    /** Whether the instant lies in the range. */
    public boolean contains(Instant instant) {
        return !instant.isBefore(from) && instant.isBefore(to);
    }
}
