package io.turnpike.telemetry.topology;

import io.turnpike.telemetry.ops.TelemetryMetrics;
import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.v1.UsageBucket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Removes buckets at the end of their time, by the wall clock, because stream time stands still on a quiet partition.
 * It walks through the store a bounded number of rows per call, so that it never holds up the stream thread, and rests
 * between walks. Confined to the stream thread.
 */
final class ExpirySweep {
    static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final int MOST_ROWS_PER_CALL = 1_000;

    private final KeyValueStore<byte[], UsageBucket> store;
    private final Bucket bucket;
    private final TelemetryMetrics metrics;
    private byte[] from = new byte[0];
    private long restUntilMillis;

    private ExpirySweep(KeyValueStore<byte[], UsageBucket> store, Bucket bucket, TelemetryMetrics metrics) {
        this.store = store;
        this.bucket = bucket;
        this.metrics = metrics;
    }

    static void schedule(ProcessorContext<?, ?> context, KeyValueStore<byte[], UsageBucket> store, Bucket bucket,
            TelemetryMetrics metrics) {
        context.schedule(INTERVAL, PunctuationType.WALL_CLOCK_TIME,
                new ExpirySweep(store, bucket, metrics)::sweep);
    }

    private void sweep(long nowMillis) {
        if (nowMillis < restUntilMillis) {
            return;
        }
        long oldest = nowMillis - bucket.retention().toMillis();
        List<byte[]> expired = new ArrayList<>();
        int rows = 0;
        try (KeyValueIterator<byte[], UsageBucket> walk = store.range(from, null)) {
            while (walk.hasNext() && rows < MOST_ROWS_PER_CALL) {
                from = walk.next().key;
                rows++;
                if (StoreKey.bucketStart(from) < oldest) {
                    expired.add(from);
                }
            }
        }
        expired.forEach(store::delete);
        metrics.expired(expired.size());
        if (rows < MOST_ROWS_PER_CALL) {
            from = new byte[0];
            restUntilMillis = nowMillis + bucket.length().toMillis();
        } else {
            from = Arrays.copyOf(from, from.length + 1); // the smallest key after it
        }
    }
}
