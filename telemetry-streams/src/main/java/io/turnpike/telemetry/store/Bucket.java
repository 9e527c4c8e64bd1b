package io.turnpike.telemetry.store;

import java.time.Duration;

/** The lengths of usage buckets, and how long each is kept. Buckets begin at multiples of their length since 1970. */
public enum Bucket {
    /** For charts of the last two days. */
    MINUTE(Duration.ofMinutes(1), Duration.ofHours(48)),
    /** For charts of the last weeks. */
    HOUR(Duration.ofHours(1), Duration.ofDays(90)),
    /** For bills and the last year. */
    DAY(Duration.ofDays(1), Duration.ofDays(400));

    private final Duration length;
    private final Duration retention;

    Bucket(Duration length, Duration retention) {
        this.length = length;
        this.retention = retention;
    }

    /** Length of a bucket. */
    public Duration length() {
        return length;
    }

    /** How long after its start a bucket is kept. */
    public Duration retention() {
        return retention;
    }

    /** Start of the bucket that holds the instant, milliseconds since 1970. */
    public long startOf(long millis) {
        return Math.floorDiv(millis, length.toMillis()) * length.toMillis();
    }
}
