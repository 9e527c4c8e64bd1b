package io.turnpike.telemetry.api;

import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.Outcome;
import io.turnpike.telemetry.query.OutcomeCounts;
import io.turnpike.telemetry.query.OutcomeQueries;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** How the allocations of each tenant came out. */
final class FakeOutcomes implements OutcomeQueries {
    private final FakeStores stores;
    private final Map<String, Map<Outcome, Long>> outcomes = new TreeMap<>();

    FakeOutcomes(FakeStores stores) {
        this.stores = stores;
    }

    synchronized void clear() {
        outcomes.clear();
    }

    synchronized void count(String tenant, Outcome outcome, long count) {
        outcomes.computeIfAbsent(tenant, key -> zeros()).merge(outcome, count, Long::sum);
    }

    @Override
    public synchronized Answer<OutcomeCounts> tenantOutcomes(String tenantId) {
        return stores.answer(new OutcomeCounts(outcomes.getOrDefault(tenantId, zeros()), Optional.of(Instant.EPOCH)));
    }

    @Override
    public synchronized Answer<OutcomeCounts> clusterOutcomes() {
        Map<Outcome, Long> sum = zeros();
        outcomes.values().forEach(counts -> counts.forEach((outcome, count) -> sum.merge(outcome, count, Long::sum)));
        return stores.answer(new OutcomeCounts(sum, Optional.of(Instant.EPOCH)));
    }

    private static Map<Outcome, Long> zeros() {
        Map<Outcome, Long> zeros = new EnumMap<>(Outcome.class);
        for (Outcome outcome : Outcome.values()) {
            zeros.put(outcome, 0L);
        }
        return zeros;
    }
}
