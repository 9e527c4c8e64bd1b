package io.turnpike.telemetry.query;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;

/**
 * How far an answer may be trusted; every answer of the API carries it.
 *
 * @param asOf instant up to which records are counted in: the answer lacks what happened later
 * @param lagMs how far the slowest partition that was read is behind, in milliseconds
 * @param complete whether every partition that could hold a part of the answer was read
 * @param missingPartitions the partitions that were not read, ascending; empty if complete
 * @param stale whether a part was read from a copy because its owner did not answer
 */
public record Freshness(Instant asOf, long lagMs, boolean complete, List<Integer> missingPartitions, boolean stale) {
    public Freshness {
        if (lagMs < 0) {
            throw new IllegalArgumentException("lagMs must not be negative: " + lagMs);
        }
        missingPartitions = List.copyOf(missingPartitions);
        if (complete && !missingPartitions.isEmpty()) {
            throw new IllegalArgumentException("a complete answer misses no partition: " + missingPartitions);
        }
    }

    /** An answer of owners only. */
    public Freshness(Instant asOf, long lagMs, boolean complete, List<Integer> missingPartitions) {
        this(asOf, lagMs, complete, missingPartitions, false);
    }

    /** An answer in which nothing is missing. */
    public static Freshness complete(Instant asOf, long lagMs) {
        return new Freshness(asOf, lagMs, true, List.of());
    }

    /** The freshness of an answer of which a part was read when only this was counted. */
    public Freshness noNewerThan(Instant instant) {
        return instant.isBefore(asOf)
                ? new Freshness(instant, lagMs + Duration.between(instant, asOf).toMillis(), complete,
                        missingPartitions, stale)
                : this;
    }

    /** The freshness of an answer made of two: as old as the older one, and missing what either misses. */
    public Freshness and(Freshness other) {
        TreeSet<Integer> missing = new TreeSet<>(missingPartitions);
        missing.addAll(other.missingPartitions);
        return new Freshness(asOf.isBefore(other.asOf) ? asOf : other.asOf, Math.max(lagMs, other.lagMs),
                complete && other.complete, List.copyOf(missing), stale || other.stale);
    }
}
