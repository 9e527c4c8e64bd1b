package io.turnpike.system.quota;

import io.turnpike.control.v1.QuotaGrant;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** When the periods of a scope end, by the grants that name them, and which of them are over by the ledger's clock. */
final class PeriodEnds {
    private static final Duration SHORTEST_MEMORY = Duration.ofDays(2);
    private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(10);

    private final Simulation world;
    private final Map<String, Instant> ends = new TreeMap<>();

    PeriodEnds(Simulation world) {
        this.world = world;
    }

    /** A last report may make a period anew that was forgotten, with the end that it has in the zone of now. */
    void follow(QuotaGrant grant) {
        if (!isLongOver(grant.getPeriodId())) {
            ends.merge(grant.getPeriodId(), grant.getPeriodEnd(), (a, b) -> a.isAfter(b) ? a : b);
        }
    }

    /** The latest end of the period that a grant has named. */
    Optional<Instant> endOf(String periodId) {
        return Optional.ofNullable(ends.get(periodId));
    }

    /** Whether the period is over; what a node never saw of it may stay unsettled. */
    boolean isOver(String periodId) {
        return endOf(periodId).filter(end -> !now().isBefore(end)).isPresent();
    }

    /** The ledger may have forgotten the period, and what still comes of it is of no use to anybody. */
    boolean isLongOver(String periodId) {
        return endOf(periodId).filter(this::isForgettable).isPresent();
    }

    boolean isForgettable(Instant end) {
        return end.isBefore(now().plus(CLOCKS_DIFFER).minus(SHORTEST_MEMORY));
    }

    private Instant now() {
        return Instant.ofEpochMilli(world.ledger.wallMillis());
    }
}
