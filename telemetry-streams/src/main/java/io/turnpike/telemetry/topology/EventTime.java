package io.turnpike.telemetry.topology;

import java.time.Duration;
import java.time.Instant;

/**
 * The time of an event as it may be believed: not further from the broker's clock than a replayed spool can be old or a
 * node's clock wrong. One node in the year 2099 moves nobody else's buckets.
 */
final class EventTime {
    /** Oldest event, measured from the broker's time of the record. */
    static final Duration BEHIND = Duration.ofDays(35);
    /** Newest event, measured from the broker's time of the record. */
    static final Duration AHEAD = Duration.ofMinutes(5);

    private EventTime() {}

    /** Milliseconds since 1970, within the bounds. */
    static long clampMillis(Instant event, long recordMillis) {
        return Math.max(earliest(recordMillis), Math.min(event.toEpochMilli(), recordMillis + AHEAD.toMillis()));
    }

    /** A time that was believed earlier: so far back as a new event may be, and no further. */
    static long notTooOld(long millis, long recordMillis) {
        return Math.max(earliest(recordMillis), millis);
    }

    /** Microseconds since 1970, within the bounds. */
    static long clampMicros(Instant event, long recordMillis) {
        return isClamped(event, recordMillis)
                ? clampMillis(event, recordMillis) * 1_000
                : event.getEpochSecond() * 1_000_000 + event.getNano() / 1_000;
    }

    /** Whether the event lies outside the bounds. */
    static boolean isClamped(Instant event, long recordMillis) {
        return event.toEpochMilli() != clampMillis(event, recordMillis);
    }

    private static long earliest(long recordMillis) {
        return Math.max(0, recordMillis - BEHIND.toMillis());
    }
}
