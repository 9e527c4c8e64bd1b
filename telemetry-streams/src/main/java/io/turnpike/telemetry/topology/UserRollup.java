package io.turnpike.telemetry.topology;

import io.turnpike.telemetry.ops.TelemetryMetrics;
import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.Traffic;
import io.turnpike.telemetry.store.v1.UsageBucket;
import io.turnpike.telemetry.store.v1.UsageDelta;
import java.util.EnumMap;
import java.util.Map;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Adds each delta to the user's minute, hour and day buckets, spread over its interval, and keeps the list of users.
 * Confined to its stream thread.
 */
final class UserRollup implements Processor<String, UsageDelta, Void, Void> {
    private final TelemetryMetrics metrics;
    private final Map<Bucket, KeyValueStore<byte[], UsageBucket>> buckets = new EnumMap<>(Bucket.class);
    private KeyValueStore<byte[], byte[]> users;

    UserRollup(TelemetryMetrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        users = context.getStateStore(Stores.USERS);
        for (Bucket bucket : Bucket.values()) {
            KeyValueStore<byte[], UsageBucket> store = context.getStateStore(Stores.usage(bucket));
            buckets.put(bucket, store);
            ExpirySweep.schedule(context, store, bucket, metrics);
        }
    }

    @Override
    public void process(Record<String, UsageDelta> record) {
        UsageDelta delta = record.value();
        byte[] user = StoreKey.user(delta.getTenantId(), delta.getUserId());
        if (users.get(user) == null) {
            users.put(user, new byte[0]);
        }
        IntervalSplit.split(delta.getStartMillis(), delta.getEndMillis(), Traffic.of(delta.getTraffic()),
                (minute, part) -> add(delta, minute, part));
    }

    private void add(UsageDelta delta, long minuteMillis, Traffic part) {
        buckets.forEach((bucket, store) -> BucketRow.add(store,
                StoreKey.userBucket(delta.getTenantId(), delta.getUserId(), bucket.startOf(minuteMillis)), part,
                part.billableBytes(), Map.of()));
    }
}
