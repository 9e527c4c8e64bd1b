package io.turnpike.telemetry.topology;

import io.turnpike.telemetry.store.Traffic;
import io.turnpike.telemetry.store.v1.UsageBucket;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.streams.state.KeyValueStore;

/** Adds to one bucket. However late it comes, it is added to the bucket of its own time. */
final class BucketRow {
    private BucketRow() {}

    static void add(KeyValueStore<byte[], UsageBucket> store, byte[] key, Traffic traffic, long billableBytes,
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
        sum.values().removeIf(count -> count == 0);
        return sum;
    }
}
