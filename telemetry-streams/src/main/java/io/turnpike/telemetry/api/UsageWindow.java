package io.turnpike.telemetry.api;

import io.turnpike.telemetry.query.Step;
import io.turnpike.telemetry.query.TimeRange;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Optional;

/**
 * The range and step of a usage question, out of {@code from}, {@code to} and {@code step}. The range is widened to whole
 * buckets, so that totals are exact. Without {@code to} it ends after the bucket that is being filled now; without
 * {@code from} it is an hour long, but never shorter than two buckets, so that the one that has just begun is not alone;
 * without {@code step} the finest step that serves it is taken.
 *
 * @param range aligned range
 * @param step step
 */
record UsageWindow(TimeRange range, Step step) {
    /** Parameters that make a window. */
    static final String[] PARAMETERS = {"from", "to", "step"};

    private static final long MAX_POINTS = 1_500;
    private static final Duration MOST_HOURS = Duration.ofDays(2);
    private static final Duration DEFAULT_LENGTH = Duration.ofHours(1);
    private static final int LEAST_BUCKETS = 2;
    private static final Instant LATEST = Instant.parse("9000-01-01T00:00:00Z");

    static UsageWindow of(Call call) {
        return of(call.parameter("from"), call.parameter("to"), call.parameter("step"), call.now());
    }

    static UsageWindow of(Optional<String> fromText, Optional<String> toText, Optional<String> stepText, Instant now) {
        Optional<Instant> from = fromText.map(text -> time("from", text));
        Optional<Instant> to = toText.map(text -> time("to", text));
        if (stepText.isPresent()) {
            Step step = Step.parse(stepText.get())
                    .orElseThrow(() -> Problem.parameter("step", "must be one of 1m, 5m, 1h, 1d"));
            UsageWindow window = new UsageWindow(range(from, to, step, now), step);
            if (!window.fits()) {
                throw Problem.parameter("step", window.points() + " points of " + step.text() + " are more than "
                        + MAX_POINTS + "; " + advice(from, to, now));
            }
            if (!window.isKept(now)) {
                throw Problem.parameter("from", step.text() + " is kept for " + step.retention().toHours() + " hours; "
                        + advice(from, to, now));
            }
            return window;
        }
        return finest(Step.MINUTE, from, to, now).orElseThrow(UsageWindow::beyond);
    }

    /**
     * The window of a ranking: every bucket costs a look for each user, so that it is made of hours, or of days where that is
     * more than two days, unless a step is asked for. Without a range it is the running hour and the one before.
     */
    static UsageWindow ranking(Call call) {
        if (call.parameter("step").isPresent()) {
            return of(call);
        }
        Optional<Instant> to = call.parameter("to").map(text -> time("to", text));
        Optional<Instant> from = call.parameter("from").map(text -> time("from", text));
        Instant begin = from.orElseGet(() -> to.orElse(call.now()).minus(DEFAULT_LENGTH));
        boolean isLong = Duration.between(begin, to.orElse(call.now())).compareTo(MOST_HOURS) > 0;
        return finest(isLong ? Step.DAY : Step.HOUR, Optional.of(begin), to, call.now())
                .orElseThrow(UsageWindow::beyond);
    }

    /** The window of hours, or of days where hours do not serve it. */
    static UsageWindow coarse(Optional<Instant> from, Optional<Instant> to, Instant now) {
        return finest(Step.HOUR, from, to, now).orElseThrow(UsageWindow::beyond);
    }

    private static Problem beyond() {
        return Problem.parameter("from", "usage is kept for " + Step.DAY.retention().toDays()
                + " days, and an answer has at most " + MAX_POINTS + " points");
    }

    private static Optional<UsageWindow> finest(Step least, Optional<Instant> from, Optional<Instant> to,
            Instant now) {
        return Arrays.stream(Step.values()).filter(step -> step.compareTo(least) >= 0)
                .map(step -> new UsageWindow(range(from, to, step, now), step))
                .filter(window -> window.fits() && window.isKept(now)).findFirst();
    }

    private static String advice(Optional<Instant> from, Optional<Instant> to, Instant now) {
        return finest(Step.MINUTE, from, to, now).map(window -> "use step=" + window.step.text())
                .orElse("no step serves this range; ask for a shorter one");
    }

    private static TimeRange range(Optional<Instant> from, Optional<Instant> to, Step step, Instant now) {
        Instant end = to.map(step::ceiling).orElseGet(() -> step.floor(now).plus(step.length()));
        Instant start = step.floor(from.orElseGet(() -> end.minus(defaultLength(step))));
        if (!start.isBefore(end) || from.isPresent() && to.isPresent() && !from.get().isBefore(to.get())) {
            throw Problem.parameter("from", to.isPresent() ? "must be before to" : "must not be in the future");
        }
        return new TimeRange(start, end);
    }

    private static Duration defaultLength(Step step) {
        Duration least = step.length().multipliedBy(LEAST_BUCKETS);
        return least.compareTo(DEFAULT_LENGTH) > 0 ? least : DEFAULT_LENGTH;
    }

    private long points() {
        return Duration.between(range.from(), range.to()).dividedBy(step.length());
    }

    /** Whether it is no longer than an answer may be. */
    private boolean fits() {
        return points() <= MAX_POINTS;
    }

    private boolean isKept(Instant now) {
        return !range.from().isBefore(step.floor(now.minus(step.retention())));
    }

    /** Whether a caller may name the time: nothing that is counted in milliseconds or microseconds overflows by it. */
    static boolean isPossible(Instant instant) {
        return !instant.isBefore(Instant.EPOCH) && !instant.isAfter(LATEST);
    }

    /** A time that a caller named. */
    static Instant time(String parameter, String text) {
        try {
            Instant instant = OffsetDateTime.parse(text).toInstant();
            if (!isPossible(instant)) {
                throw Problem.parameter(parameter, "must be a time from 1970 on");
            }
            return instant;
        } catch (DateTimeParseException e) {
            throw Problem.parameter(parameter,
                    "must be an RFC 3339 time such as 2026-11-22T10:00:00Z (a + is written %2B)");
        }
    }
}
