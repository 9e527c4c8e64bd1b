package io.turnpike.telemetry.topology;

import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.Traffic;
import io.turnpike.telemetry.store.v1.TenantDelta;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Adds up, per tenant and minute, what one partition of allocations sees, so that the largest tenant costs its partition
 * a few records per second instead of one per snapshot. What is added is in a store with a changelog: it is sent exactly
 * once, also over a kill. Confined to the stream thread.
 */
final class TenantPending {
    /** Tenant under which the whole cluster is added up. */
    static final String CLUSTER = "";
    private static final int MOST_PER_FLUSH = 5_000;

    private final KeyValueStore<byte[], TenantDelta> store;

    TenantPending(KeyValueStore<byte[], TenantDelta> store) {
        this.store = store;
    }

    /** Adds traffic to a minute of the tenant and of the cluster. */
    void addTraffic(String tenantId, long minuteMillis, Traffic traffic, boolean egressOnly) {
        for (String each : List.of(tenantId, CLUSTER)) {
            byte[] key = StoreKey.tenantBucket(each, minuteMillis);
            TenantDelta delta = delta(key, each, minuteMillis);
            delta.setTraffic(Traffic.of(delta.getTraffic()).plus(traffic).totals());
            delta.setBillableBytes(Math.addExact(delta.getBillableBytes(), traffic.billableBytes(egressOnly)));
            store.put(key, delta);
        }
    }

    /** Adds outcomes to a minute of the tenant, if it is known, and of the cluster; a negative count withdraws. */
    void addOutcome(String tenantId, long minuteMillis, String cell, long count) {
        for (String each : tenantId.isEmpty() ? List.of(CLUSTER) : List.of(tenantId, CLUSTER)) {
            byte[] key = StoreKey.tenantBucket(each, minuteMillis);
            TenantDelta delta = delta(key, each, minuteMillis);
            Map<String, Long> outcomes = new HashMap<>(delta.getOutcomes());
            outcomes.merge(cell, count, Math::addExact);
            delta.setOutcomes(outcomes);
            store.put(key, delta);
        }
    }

    /** Hands out what was added, a bounded number of minutes at once. */
    void flush(Consumer<TenantDelta> sink) {
        List<KeyValue<byte[], TenantDelta>> pending = new ArrayList<>();
        try (KeyValueIterator<byte[], TenantDelta> all = store.all()) {
            while (all.hasNext() && pending.size() < MOST_PER_FLUSH) {
                pending.add(all.next());
            }
        }
        for (KeyValue<byte[], TenantDelta> each : pending) {
            sink.accept(each.value);
            store.delete(each.key);
        }
    }

    private TenantDelta delta(byte[] key, String tenantId, long minuteMillis) {
        TenantDelta delta = store.get(key);
        return delta != null
                ? delta
                : new TenantDelta(tenantId, minuteMillis, Traffic.ZERO.totals(), 0L, new HashMap<>());
    }
}
