package io.turnpike.telemetry.topology;

import io.turnpike.telemetry.ops.TelemetryMetrics;
import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.Traffic;
import io.turnpike.telemetry.store.v1.TenantDelta;
import io.turnpike.telemetry.store.v1.UsageBucket;
import java.util.EnumMap;
import java.util.Map;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Adds what the partitions of the session tracker summed up to the minute, hour and day buckets of the tenant and of the
 * cluster. Confined to its stream thread.
 */
final class TenantRollup implements Processor<String, TenantDelta, Void, Void> {
    private final TelemetryMetrics metrics;
    private final Map<Bucket, KeyValueStore<byte[], UsageBucket>> buckets = new EnumMap<>(Bucket.class);

    TenantRollup(TelemetryMetrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        for (Bucket bucket : Bucket.values()) {
            KeyValueStore<byte[], UsageBucket> store = context.getStateStore(Stores.tenant(bucket));
            buckets.put(bucket, store);
            ExpirySweep.schedule(context, store, bucket, metrics);
        }
    }

    @Override
    public void process(Record<String, TenantDelta> record) {
        TenantDelta delta = record.value();
        Traffic traffic = Traffic.of(delta.getTraffic());
        buckets.forEach((bucket, store) -> BucketRow.add(store,
                StoreKey.tenantBucket(delta.getTenantId(), bucket.startOf(delta.getMinuteMillis())), traffic,
                delta.getBillableBytes(), delta.getOutcomes()));
    }
}
