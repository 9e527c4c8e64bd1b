package io.turnpike.telemetry.topology;

import io.turnpike.telemetry.ops.TelemetryMetrics;
import io.turnpike.telemetry.store.StoreKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Removes rows at the end of their time, by the wall clock, because stream time stands still on a quiet partition. It
 * walks through a store a bounded number of rows per call, so that it never holds up the stream thread, and rests between
 * walks. Confined to the stream thread.
 */
final class ExpirySweep<V> {
    static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final int MOST_ROWS_PER_CALL = 1_000;

    private final KeyValueStore<byte[], V> store;
    private final Duration rest;
    private final Rule<V> rule;
    private final TelemetryMetrics metrics;
    private byte[] from = new byte[0];
    private long restUntilMillis;

    /** Says whether a row is past its time. */
    @FunctionalInterface
    interface Rule<V> {
        boolean isExpired(byte[] key, V row, long nowMillis);
    }

    ExpirySweep(KeyValueStore<byte[], V> store, Duration rest, Rule<V> rule, TelemetryMetrics metrics) {
        this.store = store;
        this.rest = rest;
        this.rule = rule;
        this.metrics = metrics;
    }

    void schedule(Rounds rounds, ProcessorContext<?, ?> context) {
        rounds.every(INTERVAL, context, this::sweep);
    }

    private void sweep(long nowMillis) {
        if (nowMillis < restUntilMillis) {
            return;
        }
        List<byte[]> expired = new ArrayList<>();
        int rows = 0;
        try (KeyValueIterator<byte[], V> walk = store.range(from, null)) {
            while (walk.hasNext() && rows < MOST_ROWS_PER_CALL) {
                KeyValue<byte[], V> row = walk.next();
                from = row.key;
                rows++;
                if (rule.isExpired(row.key, row.value, nowMillis)) {
                    expired.add(from);
                }
            }
        }
        expired.forEach(store::delete);
        metrics.expired(expired.size());
        if (rows < MOST_ROWS_PER_CALL) {
            from = new byte[0];
            restUntilMillis = nowMillis + rest.toMillis();
        } else {
            from = StoreKey.after(from);
        }
    }
}
