package io.turnpike.telemetry.query;

import io.turnpike.contract.QuotaPeriod;
import io.turnpike.control.v1.QuotaPeriodKind;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * A volume that nobody has yet, held against usage that was recorded: in which periods it would have been used up, when,
 * and how much would not have been relayed. It knows buckets, not packets: a cut lies somewhere in its bucket, and a bucket
 * belongs to the period that holds its start.
 *
 * @param period length of the periods
 * @param anchor day of a month, 1 to 28, or hour of a day, 0 to 23, at which they begin; 0 for the calendar's
 * @param zone time zone in which they begin
 * @param volumeBytes billable bytes of each
 */
public record WhatIf(QuotaPeriodKind period, int anchor, ZoneId zone, long volumeBytes) {
    /**
     * What would have come of one period.
     *
     * @param period the period
     * @param whole whether the range holds all of it that has passed; otherwise use before the range is not counted
     * @param usedBytes what was used in it
     * @param refusedBytes what of that would not have been relayed
     * @param cut the bucket in which the volume would have been used up, empty if it would have lasted
     */
    public record Outcome(QuotaPeriod period, boolean whole, long usedBytes, long refusedBytes,
            Optional<TimeRange> cut) {}

    /** What is used up to a bucket of a period. */
    private static final class Sum {
        private long used;
        private Instant cut;
    }

    public WhatIf {
        if (volumeBytes < 0) {
            throw new IllegalArgumentException("volumeBytes must not be negative: " + volumeBytes);
        }
    }

    /** Where periods begin, empty where it is the calendar's. */
    public OptionalInt ownAnchor() {
        return Quota.ownAnchor(period, anchor);
    }

    /** The same periods with another volume. */
    public WhatIf with(long otherVolumeBytes) {
        return new WhatIf(period, anchor, zone, otherVolumeBytes);
    }

    /** Runs the volume against a series; every period that the range touches has an outcome, in order. */
    public List<Outcome> over(UsageSeries usage) {
        Map<Instant, Sum> sums = new TreeMap<>();
        for (UsageSeries.Point point : usage.points()) {
            Sum sum = sums.computeIfAbsent(at(point.start()).start(), start -> new Sum());
            sum.used = Math.addExact(sum.used, point.usage().billableBytes());
            if (sum.cut == null && sum.used > volumeBytes) {
                sum.cut = point.start();
            }
        }
        List<Outcome> outcomes = new ArrayList<>();
        for (QuotaPeriod each : periods(usage.range())) {
            Sum sum = sums.getOrDefault(each.start(), new Sum());
            outcomes.add(new Outcome(each, !each.start().isBefore(usage.range().from()), sum.used,
                    Math.max(0, sum.used - volumeBytes), Optional.ofNullable(sum.cut)
                            .map(start -> new TimeRange(start, start.plus(usage.step().length())))));
        }
        return outcomes;
    }

    /**
     * What one user would not have relayed because the tenant was cut: what the user used in buckets behind the cut.
     * In the bucket of the cut nobody can tell whose bytes came first, so that one is left out.
     */
    public static long behind(List<Outcome> cuts, UsageSeries ofUser) {
        return ofUser.points().stream()
                .filter(point -> cuts.stream().anyMatch(each -> each.cut().isPresent()
                        && each.period().contains(point.start()) && !point.start().isBefore(each.cut().get().to())))
                .mapToLong(point -> point.usage().billableBytes()).sum();
    }

    /** Whether every period of the range begins where a bucket begins, so that no bucket belongs to two of them. */
    public boolean isAligned(TimeRange range, Step step) {
        return periods(range).stream().allMatch(each -> step.floor(each.start()).equals(each.start()));
    }

    private List<QuotaPeriod> periods(TimeRange range) {
        List<QuotaPeriod> periods = new ArrayList<>();
        for (QuotaPeriod each = at(range.from()); each.start().isBefore(range.to()); each = at(each.end())) {
            periods.add(each);
        }
        return periods;
    }

    /** The period that an instant is in. */
    public QuotaPeriod at(Instant instant) {
        return QuotaPeriod.at(instant, period, anchor, zone);
    }
}
