package io.turnpike.telemetry.query;

import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.SessionOutcome;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** Outcomes from the day buckets of tenants and the cluster. */
public final class StoredOutcomes implements OutcomeQueries {
    private static final TimeRange EVER = new TimeRange(Instant.EPOCH, Instant.ofEpochMilli(Long.MAX_VALUE));

    private final Question<Of, OutcomeCounts> counts;

    private record Of(String tenantId) {}

    /** @param partitions where the tenants' partitions are */
    public StoredOutcomes(Partitions partitions) {
        counts = partitions.serve("outcomes", StoreGroup.TENANTS, Of.class, OutcomeCounts.class,
                StoredOutcomes::counts);
    }

    @Override
    public Answer<OutcomeCounts> tenantOutcomes(String tenantId) {
        return counts.ofKey(tenantId, new Of(tenantId));
    }

    @Override
    public Answer<OutcomeCounts> clusterOutcomes() {
        return tenantOutcomes(StoreKey.CLUSTER);
    }

    private static OutcomeCounts counts(Of question, PartitionStores stores) {
        Map<Outcome, Long> counts = new EnumMap<>(Outcome.class);
        for (SessionOutcome counted : SessionOutcome.values()) {
            counts.put(Outcome.valueOf(counted.name()), 0L);
        }
        Instant since = null;
        for (StoredBuckets.Row row : StoredBuckets.ofScopes(stores, Bucket.DAY)
                .rows(StoreKey.tenant(question.tenantId()), EVER)) {
            if (since == null && !row.usage().getOutcomes().isEmpty()) {
                since = row.start();
            }
            row.usage().getOutcomes().forEach((cell, count) -> counts
                    .merge(Outcome.valueOf(SessionOutcome.ofCell(cell)), count, Math::addExact));
        }
        return new OutcomeCounts(counts, Optional.ofNullable(since));
    }
}
