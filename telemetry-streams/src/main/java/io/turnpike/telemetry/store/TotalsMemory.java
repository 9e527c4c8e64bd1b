package io.turnpike.telemetry.store;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One bound for the heap that {@link UserTotals} of all partitions of this process may take: each may take an equal part of
 * it, since users are spread evenly. Thread-safe.
 */
public final class TotalsMemory {
    /** Under this key the stores, which Kafka Streams makes, find this object in its settings. */
    public static final String SETTING = "turnpike.totals.memory";

    private final long limitBytes;
    private final Set<UserTotals> sharers = ConcurrentHashMap.newKeySet();

    /** @param bytes the bound; 0 keeps no totals */
    public TotalsMemory(long bytes) {
        limitBytes = bytes;
    }

    /** Registers what is used of the bound. */
    public TotalsMemory bindTo(MeterRegistry registry) {
        Gauge.builder("turn_telemetry_totals_limit_bytes", this, memory -> memory.limitBytes).baseUnit("bytes")
                .description("Bound of the heap for users' totals.").register(registry);
        Gauge.builder("turn_telemetry_totals_used_bytes", this,
                memory -> memory.sharers.stream().mapToLong(UserTotals::heapBytes).sum()).baseUnit("bytes")
                .description("Heap that users' totals take, about.").register(registry);
        Gauge.builder("turn_telemetry_totals_incomplete", this,
                memory -> memory.sharers.stream().filter(totals -> !totals.isComplete()).count())
                .description("Partitions whose totals are being read back, or do not fit.").register(registry);
        return this;
    }

    void share(UserTotals totals) {
        sharers.add(totals);
    }

    void leave(UserTotals totals) {
        sharers.remove(totals);
    }

    /** What one of them may take. */
    long mostBytes() {
        return limitBytes / Math.max(1, sharers.size());
    }
}
