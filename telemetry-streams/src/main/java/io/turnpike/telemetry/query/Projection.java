package io.turnpike.telemetry.query;

import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * When a tenant's volume will be used up, if it goes on as it did. It goes on as it did in three ways: as in the last whole
 * hour, as in the last 24 hours, and as in the running period so far. Their spread is the range of the answer. What the
 * use of a day ends on is the hour's mean, what that of a month ends on is the day's, which holds a whole daily course.
 *
 * @param outlook what is known
 * @param exhaustedAt by the mean that fits the period, empty unless the outlook is {@link Outlook#IN_PERIOD}
 * @param earliest the first instant that a mean leads to within the period, empty if none does
 * @param latest the last instant that a mean leads to, empty if one of them does not lead to exhaustion in the period
 * @param trends the means, empty where nothing is projected
 */
public record Projection(Outlook outlook, Optional<Instant> exhaustedAt, Optional<Instant> earliest,
        Optional<Instant> latest, List<Trend> trends) {
    /** What can be said. */
    public enum Outlook {
        /** No volume is followed. */
        UNLIMITED,
        /** It is used up now. */
        EXHAUSTED,
        /** It will be used up before the period ends. */
        IN_PERIOD,
        /** It will last for the period. */
        NOT_IN_PERIOD,
        /** Usage is not known whole, or not lately enough. */
        UNKNOWN
    }

    /** What a mean is taken over. */
    public enum Window {
        HOUR("1h"), DAY("24h"), PERIOD("period");

        private final String text;

        Window(String text) {
            this.text = text;
        }

        /** The API's name. */
        public String text() {
            return text;
        }
    }

    /**
     * Use as it was over one window.
     *
     * @param from first instant
     * @param to first instant after it
     * @param bytesPerSecond mean, rounded
     * @param exhaustedAt where it leads, empty if not to exhaustion within the period
     */
    public record Trend(Window window, Instant from, Instant to, long bytesPerSecond, Optional<Instant> exhaustedAt) {}

    /** Usage this old says nothing of now. */
    public static final Duration FRESH = Duration.ofMinutes(10);
    /** Step of the usage that is asked for: whole buckets only, so that a running one does not look like a lull. */
    public static final Step STEP = Step.FIVE_MINUTES;

    /** A day whose clocks are turned is longer; no month is as short. */
    private static final Duration LONGEST_DAY = Duration.ofDays(2);
    private static final Duration SHORTEST_PERIOD = Duration.ofMinutes(15);

    public Projection {
        trends = List.copyOf(trends);
    }

    /** The range of usage that a projection needs: the 24 hours before the last whole bucket. */
    public static TimeRange needs(Instant now) {
        Instant end = STEP.floor(now);
        return new TimeRange(end.minus(Duration.ofDays(1)), end);
    }

    /** What can be said without usage, if the status alone decides; otherwise nothing is known. */
    public static Projection without(QuotaStatus status) {
        return just(alone(status).orElse(Outlook.UNKNOWN));
    }

    /**
     * Projects.
     *
     * @param usage the tenant's series over {@link #needs}, in steps of {@link #STEP}
     */
    public static Projection of(QuotaStatus status, Answer<UsageSeries> usage, Instant now) {
        Optional<Outlook> known = alone(status);
        if (known.isPresent()) {
            return just(known.get());
        }
        boolean isFresh = usage.freshness().asOf().plus(FRESH).isAfter(now);
        if (!usage.freshness().complete() || !isFresh || status.remainingBytes().isEmpty()) {
            return just(Outlook.UNKNOWN);
        }
        List<Trend> trends = new ArrayList<>();
        Instant end = STEP.floor(usage.freshness().asOf());
        add(trends, status, now, Window.HOUR, end.minus(Duration.ofHours(1)), end, usage.value());
        // What lies between the end of the series and of its freshness was not asked for.
        Instant dayStart = usage.value().range().from().isAfter(end.minus(Duration.ofDays(1)))
                ? usage.value().range().from()
                : end.minus(Duration.ofDays(1));
        add(trends, status, now, Window.DAY, dayStart, end, usage.value());
        if (status.periodStart().plus(SHORTEST_PERIOD).isBefore(now)) {
            add(trends, status, now, Window.PERIOD, status.periodStart(), now, status.usedBytes());
        }
        boolean isDay = Duration.between(status.periodStart(), status.periodEnd()).compareTo(LONGEST_DAY) <= 0;
        return of(trends, isDay ? Window.HOUR : Window.DAY);
    }

    private static Projection of(List<Trend> trends, Window fitting) {
        Optional<Instant> exhaustedAt = trends.stream().filter(trend -> trend.window() == fitting).findFirst()
                .flatMap(Trend::exhaustedAt);
        List<Instant> ends = trends.stream().map(Trend::exhaustedAt).flatMap(Optional::stream)
                .sorted(Comparator.naturalOrder()).toList();
        boolean allEnd = ends.size() == trends.size();
        return new Projection(exhaustedAt.isPresent() ? Outlook.IN_PERIOD : Outlook.NOT_IN_PERIOD, exhaustedAt,
                ends.stream().findFirst(), allEnd ? Optional.of(ends.get(ends.size() - 1)) : Optional.empty(), trends);
    }

    private static void add(List<Trend> trends, QuotaStatus status, Instant now, Window window, Instant from,
            Instant to, UsageSeries usage) {
        TimeRange range = new TimeRange(from, to);
        long bytes = usage.points().stream().filter(point -> range.contains(point.start()))
                .mapToLong(point -> point.usage().billableBytes()).sum();
        add(trends, status, now, window, from, to, bytes);
    }

    private static void add(List<Trend> trends, QuotaStatus status, Instant now, Window window, Instant from,
            Instant to, long bytes) {
        double perSecond = (double) bytes / Duration.between(from, to).toSeconds();
        double seconds = status.remainingBytes().getAsLong() / perSecond;
        // A mean of 0 leads nowhere: the quotient is infinite, and so behind the period.
        boolean ends = seconds < Duration.between(now, status.periodEnd()).toSeconds();
        trends.add(new Trend(window, from, to, Math.round(perSecond),
                ends ? Optional.of(now.plusSeconds((long) seconds)) : Optional.empty()));
    }

    private static Optional<Outlook> alone(QuotaStatus status) {
        if (status.mode() == QuotaMode.OFF || status.limitBytes().isEmpty()) {
            return Optional.of(Outlook.UNLIMITED);
        }
        return status.state() == QuotaState.EXHAUSTED ? Optional.of(Outlook.EXHAUSTED) : Optional.empty();
    }

    private static Projection just(Outlook outlook) {
        return new Projection(outlook, Optional.empty(), Optional.empty(), Optional.empty(), List.of());
    }
}
