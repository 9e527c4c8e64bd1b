package io.turnpike.telemetry.topology;

import io.turnpike.telemetry.store.BilledTimes;
import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.Traffic;
import io.turnpike.telemetry.store.UserTotals;
import io.turnpike.telemetry.store.v1.UsageBucket;
import io.turnpike.telemetry.store.v1.UsagePart;
import java.time.Duration;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Keeps the users' totals whole: reads into them what the stores hold after a start, and forgets what is old, a bounded
 * number of rows or users at a time, so that it never holds up the stream thread. Confined to the stream thread.
 */
final class TotalsFill {
    static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Duration REST = Duration.ofHours(1);
    private static final int MOST_USERS_PER_CALL = 200;
    private static final int MOST_ROWS_PER_CALL = 10_000;
    private static final int MOST_USERS_TIDIED_PER_CALL = 10_000;

    private final UserTotals totals;
    private final OpenMinutes minutes;
    private final KeyValueStore<byte[], byte[]> users;
    private long restUntilMillis;

    /** @param users the list of all users */
    TotalsFill(UserTotals totals, OpenMinutes minutes, KeyValueStore<byte[], byte[]> users) {
        this.totals = totals;
        this.minutes = minutes;
        this.users = users;
        minutes.whenWritten(totals::written);
    }

    void schedule(Rounds rounds, ProcessorContext<?, ?> context) {
        totals.begin(context.currentSystemTimeMs());
        try (KeyValueIterator<byte[], byte[]> any = users.range(totals.filledTo(), null)) {
            if (!any.hasNext()) {
                totals.complete();
            }
        }
        restUntilMillis = context.currentSystemTimeMs() + REST.toMillis();
        rounds.every(INTERVAL, context, this::round);
    }

    private void round(long nowMillis) {
        if (!totals.isComplete() && totals.isKept()) {
            fill();
        }
        if (nowMillis >= restUntilMillis) {
            totals.forget(nowMillis);
            restUntilMillis = nowMillis + REST.toMillis();
        }
        totals.tidy(nowMillis, MOST_USERS_TIDIED_PER_CALL);
    }

    private void fill() {
        minutes.write(); // the stores are the newest state now
        int filled = 0;
        int rows = 0;
        try (KeyValueIterator<byte[], byte[]> walk = users.range(totals.filledTo(), null)) {
            while (filled < MOST_USERS_PER_CALL && rows < MOST_ROWS_PER_CALL) {
                if (!walk.hasNext()) {
                    totals.complete();
                    return;
                }
                rows += fill(walk.next().key);
                filled++;
            }
        }
    }

    private int fill(byte[] user) {
        BilledTimes times = new BilledTimes();
        int rows = rows(user, Bucket.HOUR, totals.hoursFromMillis(), times::addHour)
                + rows(user, Bucket.DAY, totals.daysFromMillis(), times::addDay);
        UsagePart open = minutes.open(user);
        if (open != null && hasMoved(open.getUsage())) {
            times.addMinute(open.getMinuteMillis(), open.getUsage().getBillableBytes());
        }
        totals.fill(user, times);
        return rows;
    }

    @FunctionalInterface
    private interface Adding {
        void add(long startMillis, long bytes);
    }

    private int rows(byte[] user, Bucket bucket, long fromMillis, Adding adding) {
        int rows = 0;
        try (KeyValueIterator<byte[], UsageBucket> range = minutes.buckets().store(bucket)
                .range(StoreKey.bucket(user, fromMillis), StoreKey.bucket(user, Long.MAX_VALUE))) {
            while (range.hasNext()) {
                KeyValue<byte[], UsageBucket> row = range.next();
                rows++;
                if (hasMoved(row.value)) {
                    adding.add(StoreKey.bucketStart(row.key), row.value.getBillableBytes());
                }
            }
        }
        return rows;
    }

    /** Whether whoever has the row is a user of its time. */
    static boolean hasMoved(UsageBucket row) {
        return row.getBillableBytes() != 0 || !Traffic.of(row.getTraffic()).isZero();
    }
}
