package io.turnpike.telemetry.topology;

import io.turnpike.events.v1.UsageRollup;
import io.turnpike.telemetry.ops.TelemetryMetrics;
import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.CommitHook;
import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.UsageSum;
import io.turnpike.telemetry.store.WriteSequence;
import io.turnpike.telemetry.store.v1.UsageDelta;
import io.turnpike.telemetry.store.v1.UsagePart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The newest minute of each user or scope of one task, in front of the buckets: what is added to it makes one small row per
 * commit, in memory with a changelog, instead of one in each of three stores on disk. When a later minute begins, or
 * nothing comes for a while, the minute goes to the three buckets that hold it. What belongs to an earlier minute goes
 * there at once. So a usage is the sum of the buckets and the open minute, always; whoever reads both while a minute goes from
 * one to the other is told so by the {@link WriteSequence} of the hook. Confined to the stream thread.
 */
final class OpenMinutes implements RollupFeed.Hours {
    /** A minute to which nothing was added for this long is closed. */
    static final Duration IDLE = Duration.ofMinutes(2);
    static final Duration SWEEP_INTERVAL = Duration.ofSeconds(1);
    private static final int MOST_ROWS_PER_SWEEP = 200;

    private final KeyValueStore<byte[], UsagePart> store;
    private final BucketRows buckets;
    private final WriteSequence writes;
    private final ProcessorContext<?, ?> context;
    private final RecentRows<Bytes, Row> rows = new RecentRows<>();
    private Runnable whenWritten = () -> {};
    private byte[] sweepFrom = new byte[0];

    /** An open minute as it will be once the transaction is committed. */
    private static final class Row {
        private final byte[] key;
        private long minuteMillis;
        private UsageSum sum;
        private long touchedAtMillis;

        Row(byte[] key, long minuteMillis, UsageSum sum) {
            this.key = key;
            this.minuteMillis = minuteMillis;
            this.sum = sum;
        }
    }

    /** Takes the stores of a step, and writes to them before each commit; hours are published from here. */
    OpenMinutes(ProcessorContext<String, UsageRollup> context, Rounds rounds, String openStore, String dueStore,
            CommitHook hook, Function<Bucket, String> bucketStore, LongFunction<Optional<Boolean>> completeHours,
            TelemetryMetrics metrics) {
        this.context = context;
        store = context.getStateStore(openStore);
        rounds.every(SWEEP_INTERVAL, context, this::sweep);
        RollupFeed feed = new RollupFeed(context, rounds, context.getStateStore(dueStore),
                completeHours, this);
        buckets = new BucketRows(context, rounds, bucketStore, metrics, feed::changed);
        writes = hook.writes();
        hook.beforeCommit(context, this::write);
    }

    /** The buckets behind. */
    BucketRows buckets() {
        return buckets;
    }

    /** What is done each time after all that was added is in the stores. */
    void whenWritten(Runnable work) {
        whenWritten = work;
    }

    /** What of the key is still open, as it was when it was last written; null for nothing. */
    UsagePart open(byte[] key) {
        return store.get(key);
    }

    @Override
    public UsageSum hour(byte[] bucketKey) {
        return buckets.row(Bucket.HOUR, bucketKey);
    }

    @Override
    public boolean hasOpenMinute(byte[] bucketKey) {
        byte[] key = Arrays.copyOf(bucketKey, bucketKey.length - Long.BYTES);
        Row row = rows.get(Bytes.wrap(key));
        if (row != null) {
            return Bucket.HOUR.startOf(row.minuteMillis) == StoreKey.bucketStart(bucketKey);
        }
        UsagePart stored = store.get(key);
        return stored != null
                && Bucket.HOUR.startOf(stored.getMinuteMillis()) == StoreKey.bucketStart(bucketKey);
    }

    /**
     * Adds a delta.
     *
     * @param key of the user or scope in the store: the prefix of its bucket keys
     * @return whether nothing of it was open before
     */
    boolean add(byte[] key, UsageDelta delta) {
        Bytes name = Bytes.wrap(key);
        Row row = rows.get(name);
        boolean isNew = false;
        for (UsagePart part : delta.getParts()) {
            if (row == null) {
                UsagePart stored = store.get(key);
                isNew = stored == null;
                row = stored == null
                        ? new Row(key, part.getMinuteMillis(), new UsageSum())
                        : new Row(key, stored.getMinuteMillis(), UsageSum.of(stored.getUsage()));
                rows.put(name, row);
            }
            add(row, part);
        }
        return isNew;
    }

    private void add(Row row, UsagePart part) {
        long minute = part.getMinuteMillis();
        if (minute < row.minuteMillis) {
            buckets.add(row.key, minute, UsageSum.of(part.getUsage()));
            return;
        }
        if (minute > row.minuteMillis) {
            buckets.add(row.key, row.minuteMillis, row.sum);
            row.minuteMillis = minute;
            row.sum = new UsageSum();
        }
        row.sum.add(part.getUsage());
        row.touchedAtMillis = context.currentSystemTimeMs();
        rows.change(row);
    }

    /** Writes everything that was added to the stores. */
    void write() {
        if (buckets.hasChanged()) {
            writes.write(this::writeRows);
        } else {
            writeRows(); // minutes have grown and none has moved: each row stands for itself
        }
        whenWritten.run();
    }

    /** The open minutes first: a reader that sees the old one afterwards has seen no bucket with it. */
    private void writeRows() {
        rows.write(row -> store.put(row.key, new UsagePart(row.minuteMillis, row.sum.bucket())));
        buckets.write();
    }

    /** Closes minutes that are idle, a bounded number of rows at a time. */
    private void sweep(long nowMillis) {
        write(); // the store is the newest state now
        List<KeyValue<byte[], UsagePart>> idle = new ArrayList<>();
        int seen = 0;
        try (KeyValueIterator<byte[], UsagePart> walk = store.range(sweepFrom, null)) {
            while (walk.hasNext() && seen < MOST_ROWS_PER_SWEEP) {
                KeyValue<byte[], UsagePart> row = walk.next();
                seen++;
                sweepFrom = StoreKey.after(row.key);
                Row known = rows.get(Bytes.wrap(row.key));
                if (known == null || known.touchedAtMillis < nowMillis - IDLE.toMillis()) {
                    idle.add(row);
                    rows.remove(Bytes.wrap(row.key));
                }
            }
        }
        if (seen < MOST_ROWS_PER_SWEEP) {
            sweepFrom = new byte[0];
        }
        for (KeyValue<byte[], UsagePart> row : idle) {
            buckets.add(row.key, row.value.getMinuteMillis(), UsageSum.of(row.value.getUsage()));
        }
        if (!idle.isEmpty()) {
            writes.write(() -> {
                idle.forEach(row -> store.delete(row.key));
                buckets.write(); // whoever looks for what is left of a user finds it
            });
        }
    }
}
