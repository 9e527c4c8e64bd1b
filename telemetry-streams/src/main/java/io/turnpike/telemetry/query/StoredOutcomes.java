package io.turnpike.telemetry.query;

import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.v1.UsageBucket;
import io.turnpike.telemetry.store.SessionOutcome;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;

/** Outcomes from the day buckets of tenants and the cluster. */
public final class StoredOutcomes implements OutcomeQueries {
    private static final ByteArraySerializer BYTES = new ByteArraySerializer();
    private static final String CLUSTER = "";

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
        return new Answer<>(stores.<byte[], UsageBucket, OutcomeCounts>read(Stores.tenant(Bucket.DAY), days -> {
            Map<Outcome, Long> counts = new EnumMap<>(Outcome.class);
            for (SessionOutcome counted : SessionOutcome.values()) {
                counts.put(Outcome.valueOf(counted.name()), 0L);
            }
            Instant since = null;
            try (KeyValueIterator<byte[], UsageBucket> rows = days.prefixScan(StoreKey.tenant(tenantId), BYTES)) {
                while (rows.hasNext()) {
                    KeyValue<byte[], UsageBucket> row = rows.next();
                    if (since == null && !row.value.getOutcomes().isEmpty()) {
                        since = Instant.ofEpochMilli(StoreKey.bucketStart(row.key));
                    }
                    row.value.getOutcomes().forEach((cell, count) -> counts
                            .merge(Outcome.valueOf(SessionOutcome.ofCell(cell)), count, Math::addExact));
                }
            }
            return new OutcomeCounts(counts, Optional.ofNullable(since));
        }), now);
    }

    @Override
    public Answer<OutcomeCounts> clusterOutcomes() {
        return tenantOutcomes(CLUSTER);
    }
}
