package io.turnpike.telemetry.query;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/** Length of the buckets of a series. Buckets begin at multiples of their length since 1970, so days are UTC days. */
public enum Step {
    /** One minute, kept for 48 hours. */
    MINUTE("1m", Duration.ofMinutes(1), Duration.ofHours(48)),
    /** Five minutes, added up from minutes. */
    FIVE_MINUTES("5m", Duration.ofMinutes(5), Duration.ofHours(48)),
    /** One hour, kept for 90 days. */
    HOUR("1h", Duration.ofHours(1), Duration.ofDays(90)),
    /** One day, kept for 400 days. */
    DAY("1d", Duration.ofDays(1), Duration.ofDays(400));

    private final String text;
    private final Duration length;
    private final Duration retention;

    Step(String text, Duration length, Duration retention) {
        this.text = text;
        this.length = length;
        this.retention = retention;
    }

    /** The step that the API calls by the text, such as {@code 5m}. */
    public static Optional<Step> parse(String text) {
        return Arrays.stream(values()).filter(step -> step.text.equals(text)).findFirst();
    }

    /** The API's name of the step. */
    public String text() {
        return text;
    }

    /** Length of one bucket. */
    public Duration length() {
        return length;
    }

    /** How long the buckets behind the step are kept. */
    public Duration retention() {
        return retention;
    }

    /** Start of the bucket that holds the instant. */
    public Instant floor(Instant instant) {
        long seconds = length.toSeconds();
        return Instant.ofEpochSecond(Math.floorDiv(instant.getEpochSecond(), seconds) * seconds);
    }

    /** The instant itself if a bucket starts there, otherwise the start of the next bucket. */
    public Instant ceiling(Instant instant) {
        Instant floor = floor(instant);
        return floor.equals(instant) ? floor : floor.plus(length);
    }
}
