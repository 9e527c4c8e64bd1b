package io.turnpike.telemetry.topology;

import io.turnpike.telemetry.ops.TelemetryMetrics;
import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.Traffic;
import io.turnpike.telemetry.store.v1.UsageBucket;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The minute, hour and day buckets of one task. What is added goes to the bucket of its own time, however late it comes.
 * Confined to the stream thread.
 */
final class BucketRows {
    private final Map<Bucket, KeyValueStore<byte[], UsageBucket>> stores = new EnumMap<>(Bucket.class);

    /** Takes the stores of the context, and sweeps them. */
    BucketRows(ProcessorContext<?, ?> context, Rounds rounds, Function<Bucket, String> storeName,
            TelemetryMetrics metrics) {
        for (Bucket bucket : Bucket.values()) {
            KeyValueStore<byte[], UsageBucket> store = context.getStateStore(storeName.apply(bucket));
            stores.put(bucket, store);
            new ExpirySweep<>(store, bucket.length(),
                    (key, now) -> StoreKey.bucketStart(key) < now - bucket.retention().toMillis(), metrics)
                    .schedule(rounds, context);
        }
    }

    /** The buckets of one length. */
    KeyValueStore<byte[], UsageBucket> store(Bucket bucket) {
        return stores.get(bucket);
    }

    /** Adds to the three buckets of a minute, whose keys are made from their starts. */
    void add(long minuteMillis, LongFunction<byte[]> key, Traffic traffic, long billableBytes,
            Map<String, Long> outcomes) {
        stores.forEach((bucket, store) -> add(store, key.apply(bucket.startOf(minuteMillis)), traffic, billableBytes,
                outcomes));
    }

    private static void add(KeyValueStore<byte[], UsageBucket> store, byte[] key, Traffic traffic, long billableBytes,
            Map<String, Long> outcomes) {
        UsageBucket row = store.get(key);
        if (row == null) {
            row = new UsageBucket(traffic.totals(), billableBytes, new HashMap<>(outcomes));
        } else {
            row.setTraffic(Traffic.of(row.getTraffic()).plus(traffic).totals());
            row.setBillableBytes(Math.addExact(row.getBillableBytes(), billableBytes));
            row.setOutcomes(sum(row.getOutcomes(), outcomes));
        }
        store.put(key, row);
    }

    private static Map<String, Long> sum(Map<String, Long> row, Map<String, Long> added) {
        Map<String, Long> sum = new HashMap<>(row);
        added.forEach((cell, count) -> sum.merge(cell, count, Math::addExact));
        return sum;
    }
}
