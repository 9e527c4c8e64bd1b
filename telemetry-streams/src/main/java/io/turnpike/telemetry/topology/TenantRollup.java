package io.turnpike.telemetry.topology;

import io.turnpike.telemetry.ops.TelemetryMetrics;
import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.Traffic;
import io.turnpike.telemetry.store.v1.TenantDelta;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Adds what the partitions of the session tracker summed up to the minute, hour and day buckets of the tenant and of the
 * cluster. Confined to its stream thread.
 */
final class TenantRollup implements Processor<String, TenantDelta, Void, Void> {
    private final TelemetryMetrics metrics;
    private final Rounds rounds = new Rounds();
    private BucketRows buckets;

    TenantRollup(TelemetryMetrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        rounds.end();
        buckets = new BucketRows(context, rounds, Stores::tenant, metrics);
    }

    @Override
    public void close() {
        rounds.end();
    }

    @Override
    public void process(Record<String, TenantDelta> record) {
        TenantDelta delta = record.value();
        buckets.add(delta.getMinuteMillis(), start -> StoreKey.tenantBucket(delta.getTenantId(), start),
                Traffic.of(delta.getTraffic()), delta.getBillableBytes(), delta.getOutcomes());
    }
}
