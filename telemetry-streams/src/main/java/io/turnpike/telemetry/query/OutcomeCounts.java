package io.turnpike.telemetry.query;

import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Allocation outcomes counted so far.
 *
 * @param counts number of each; an outcome that is not a key is not told apart yet, one with 0 has not happened
 * @param since when counting began, empty if nothing was counted
 */
public record OutcomeCounts(Map<Outcome, Long> counts, Optional<Instant> since) {
    public OutcomeCounts {
        EnumMap<Outcome, Long> copy = new EnumMap<>(Outcome.class);
        copy.putAll(counts);
        counts = Collections.unmodifiableMap(copy);
    }
}
