package io.turnpike.telemetry.topology;

import io.turnpike.telemetry.ops.TelemetryMetrics;
import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.UsageSum;
import io.turnpike.telemetry.store.v1.UsageBucket;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The minute, hour and day buckets of one task. What is added goes to the bucket of its own time, however late it comes;
 * a row that changes within a commit is read once and written once. Confined to the stream thread.
 */
final class BucketRows {
    private final Map<Bucket, KeyValueStore<byte[], UsageBucket>> stores = new EnumMap<>(Bucket.class);
    private final Map<Bucket, Map<Bytes, UsageSum>> changed = new EnumMap<>(Bucket.class);
    private final BiConsumer<byte[], UsageSum> hourChanged;

    /**
     * Takes the stores of the context, and sweeps them.
     *
     * @param hourChanged is told the key and the new state of each hour that changes
     */
    BucketRows(ProcessorContext<?, ?> context, Rounds rounds, Function<Bucket, String> storeName,
            TelemetryMetrics metrics, BiConsumer<byte[], UsageSum> hourChanged) {
        this.hourChanged = hourChanged;
        for (Bucket bucket : Bucket.values()) {
            KeyValueStore<byte[], UsageBucket> store = context.getStateStore(storeName.apply(bucket));
            stores.put(bucket, store);
            changed.put(bucket, new LinkedHashMap<>());
            new ExpirySweep<>(store, bucket.length(),
                    (key, row, now) -> StoreKey.bucketStart(key) < now - bucket.retention().toMillis(), metrics)
                    .schedule(rounds, context);
        }
    }

    /** The buckets of one length, as they were at the last commit. */
    KeyValueStore<byte[], UsageBucket> store(Bucket bucket) {
        return stores.get(bucket);
    }

    /**
     * Adds a minute to the three buckets that hold it.
     *
     * @param prefix of the keys: whose buckets they are
     */
    void add(byte[] prefix, long minuteMillis, UsageSum minute) {
        for (Bucket bucket : Bucket.values()) {
            byte[] key = StoreKey.bucket(prefix, bucket.startOf(minuteMillis));
            UsageSum row = row(bucket, key);
            row.add(minute);
            if (bucket == Bucket.HOUR) {
                hourChanged.accept(key, row);
            }
        }
    }

    /** A row as it will be once the transaction is committed; what the caller changes is written then. */
    UsageSum row(Bucket bucket, byte[] key) {
        return changed.get(bucket).computeIfAbsent(Bytes.wrap(key), name -> stored(bucket, key));
    }

    /** Whether anything is to be written. */
    boolean hasChanged() {
        return changed.values().stream().anyMatch(rows -> !rows.isEmpty());
    }

    /** Writes what has changed; called before each commit. */
    void write() {
        changed.forEach((bucket, rows) -> {
            rows.forEach((key, row) -> stores.get(bucket).put(key.get(), row.bucket()));
            rows.clear();
        });
    }

    private UsageSum stored(Bucket bucket, byte[] key) {
        UsageBucket row = stores.get(bucket).get(key);
        return row == null ? new UsageSum() : UsageSum.of(row);
    }
}
