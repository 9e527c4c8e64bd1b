package io.turnpike.telemetry.topology;

import io.turnpike.events.v1.UsageRollup;
import io.turnpike.telemetry.ops.TelemetryMetrics;
import io.turnpike.telemetry.store.CommitHook;
import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.v1.UsageDelta;
import java.util.Optional;
import java.util.function.LongFunction;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Adds what the partitions of the session tracker summed up to the minute, hour and day buckets of the tenant, of the node
 * and of the cluster. Confined to its stream thread.
 */
final class TenantRollup implements Processor<String, UsageDelta, String, UsageRollup> {
    private final TelemetryMetrics metrics;
    private final LongFunction<Optional<Boolean>> completeHours;
    private final Rounds rounds = new Rounds();
    private CommitHook hook;
    private OpenMinutes minutes;

    TenantRollup(TelemetryMetrics metrics, LongFunction<Optional<Boolean>> completeHours) {
        this.metrics = metrics;
        this.completeHours = completeHours;
    }

    @Override
    public void init(ProcessorContext<String, UsageRollup> context) {
        rounds.end();
        hook = context.getStateStore(Stores.TENANT_COMMIT);
        minutes = new OpenMinutes(context, rounds, Stores.TENANT_OPEN, Stores.TENANT_DUE, hook, Stores::tenant,
                completeHours,
                metrics);
    }

    @Override
    public void close() {
        rounds.end();
        hook.release();
    }

    @Override
    public void process(Record<String, UsageDelta> record) {
        minutes.add(StoreKey.tenant(record.value().getScope()), record.value());
    }
}
