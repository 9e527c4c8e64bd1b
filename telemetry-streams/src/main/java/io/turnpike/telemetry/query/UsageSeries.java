package io.turnpike.telemetry.query;

import java.time.Instant;
import java.util.List;

/**
 * Usage over a range in buckets.
 *
 * @param range the range asked for
 * @param step length of the buckets
 * @param points the buckets that hold anything, ascending, all inside the range; in a complete answer a bucket that is
 *        not listed is zero
 */
public record UsageSeries(TimeRange range, Step step, List<Point> points) {
    /** One bucket, named by its start. */
    public record Point(Instant start, Usage usage) {}

    public UsageSeries {
        points = List.copyOf(points);
    }

    /** The exact total of the range. */
    public Usage total() {
        return points.stream().map(Point::usage).reduce(Usage.ZERO, Usage::plus);
    }
}
