package io.turnpike.telemetry.query;

import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.v1.UsageBucket;
import io.turnpike.telemetry.store.v1.UsagePart;
import io.turnpike.telemetry.store.SessionOutcome;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Outcomes from the day buckets of tenants and the cluster. */
public final class StoredOutcomes implements OutcomeQueries {
    private static final TimeRange EVER = new TimeRange(Instant.EPOCH, Instant.ofEpochMilli(Long.MAX_VALUE));

    private final StoreReader stores;
    private final Supplier<Freshness> freshness;

    /** @param freshness how fresh the tenants' buckets are */
    public StoredOutcomes(StoreReader stores, Supplier<Freshness> freshness) {
        this.stores = stores;
        this.freshness = freshness;
    }

    @Override
    public Answer<OutcomeCounts> tenantOutcomes(String tenantId) {
        Freshness now = freshness.get();
        List<StoredBuckets.Row> rows = stores.<byte[], UsageBucket, List<StoredBuckets.Row>>read(
                Stores.tenant(Bucket.DAY),
                days -> stores.<byte[], UsagePart, List<StoredBuckets.Row>>read(Stores.TENANT_OPEN,
                        open -> StoredBuckets.rows(days, open, StoreKey.tenant(tenantId), Bucket.DAY, EVER)));
        Map<Outcome, Long> counts = new EnumMap<>(Outcome.class);
        for (SessionOutcome counted : SessionOutcome.values()) {
            counts.put(Outcome.valueOf(counted.name()), 0L);
        }
        Instant since = null;
        for (StoredBuckets.Row row : rows) {
            if (since == null && !row.usage().getOutcomes().isEmpty()) {
                since = row.start();
            }
            row.usage().getOutcomes().forEach((cell, count) -> counts
                    .merge(Outcome.valueOf(SessionOutcome.ofCell(cell)), count, Math::addExact));
        }
        return new Answer<>(new OutcomeCounts(counts, Optional.ofNullable(since)), now);
    }

    @Override
    public Answer<OutcomeCounts> clusterOutcomes() {
        return tenantOutcomes(StoreKey.CLUSTER);
    }
}
