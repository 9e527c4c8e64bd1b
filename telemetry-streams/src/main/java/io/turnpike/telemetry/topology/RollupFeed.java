package io.turnpike.telemetry.topology;

import io.turnpike.contract.Topic;
import io.turnpike.events.v1.DirectionCounters;
import io.turnpike.events.v1.UsageRollup;
import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.UsageSum;
import io.turnpike.telemetry.store.v1.DirectionTotals;
import io.turnpike.telemetry.store.v1.TrafficTotals;
import io.turnpike.telemetry.store.v1.UsageBucket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Publishes the hours of tenants and users to {@link Topic#ROLLUP}: each once an hour after its end, and again, with the
 * next version, within a minute or so of a later change. By the wall clock, since stream time stands still when nothing
 * comes, and a bounded number at a time. Whether an hour is complete is asked when it is published; one that is not is looked
 * at again, ever more seldom, and published again if it has become so. Confined to the stream thread.
 */
final class RollupFeed {
    /** So long after its end an hour is taken for final. */
    static final Duration FINAL_AFTER = Duration.ofHours(1);
    /** Changes of a published hour within this time make one version. */
    static final Duration CORRECTION_AFTER = Duration.ofMinutes(1);
    /** So long after its end it is looked whether an hour has become complete. */
    static final Duration RECHECKED_FOR = Duration.ofHours(72);
    static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final int MOST_PER_ROUND = 500;
    private static final byte[] NOTHING = new byte[0];

    private final ProcessorContext<String, UsageRollup> context;
    private final KeyValueStore<byte[], byte[]> due;
    private final LongFunction<Optional<Boolean>> isComplete;

    /** The newest state of the rows that are published. */
    interface Hours {
        /** The hour of a bucket key, as it will be once the transaction is committed; the caller may change it. */
        UsageSum hour(byte[] bucketKey);

        /** Whether a minute of it is still open, and so not in it. */
        boolean hasOpenMinute(byte[] bucketKey);
    }

    /**
     * @param isComplete whether all events of the hour with this start, milliseconds since 1970, are counted in; empty while
     *        that is not known yet, and nothing is published then
     */
    RollupFeed(ProcessorContext<String, UsageRollup> context, Rounds rounds, KeyValueStore<byte[], byte[]> due,
            LongFunction<Optional<Boolean>> isComplete, Hours hours) {
        this.context = context;
        this.due = due;
        this.isComplete = isComplete;
        rounds.every(INTERVAL, context, now -> publish(now, hours));
    }

    /** Takes note that an hour has changed. */
    void changed(byte[] bucketKey, UsageSum hour) {
        if ((hour.dueAtMillis() == 0 || hour.isRecheck()) && StoreKey.isOfTenant(bucketKey)) {
            if (hour.isRecheck()) {
                due.delete(StoreKey.due(hour.dueAtMillis(), bucketKey));
            }
            long over = end(bucketKey) + FINAL_AFTER.toMillis();
            schedule(bucketKey, hour, Math.max(over, context.currentSystemTimeMs() + CORRECTION_AFTER.toMillis()));
        }
    }

    private void schedule(byte[] bucketKey, UsageSum hour, long atMillis) {
        hour.dueAt(atMillis);
        due.put(StoreKey.due(atMillis, bucketKey), NOTHING);
    }

    private void publish(long nowMillis, Hours hours) {
        if (isComplete.apply(nowMillis).isEmpty()) {
            return;
        }
        List<byte[]> keys = new ArrayList<>();
        try (KeyValueIterator<byte[], byte[]> range = due.range(StoreKey.due(0, NOTHING),
                StoreKey.due(nowMillis, NOTHING))) {
            while (range.hasNext() && keys.size() < MOST_PER_ROUND) {
                keys.add(range.next().key);
            }
        }
        for (byte[] key : keys) {
            byte[] bucketKey = StoreKey.whatIsDue(key);
            due.delete(key);
            if (StoreKey.bucketStart(bucketKey) < nowMillis - Bucket.HOUR.retention().toMillis()) {
                continue; // it is gone, or about to go
            }
            UsageSum hour = hours.hour(bucketKey);
            boolean complete = isComplete.apply(StoreKey.bucketStart(bucketKey)).orElse(false);
            if (hours.hasOpenMinute(bucketKey)) {
                schedule(bucketKey, hour, nowMillis + CORRECTION_AFTER.toMillis());
                continue;
            }
            if (complete || !hour.isRecheck()) {
                String tenantId = StoreKey.tenantOf(bucketKey);
                context.forward(
                        new Record<>(tenantId, rollup(tenantId, bucketKey, hour.published(), complete), nowMillis));
            }
            if (!complete) {
                recheck(bucketKey, hour, nowMillis);
            }
        }
    }

    /** As long after now as the hour is over: a few times in all. */
    private void recheck(byte[] bucketKey, UsageSum hour, long nowMillis) {
        long age = Math.max(CORRECTION_AFTER.toMillis(), nowMillis - end(bucketKey));
        if (age < RECHECKED_FOR.toMillis()) {
            hour.recheckAt(nowMillis + age);
            due.put(StoreKey.due(hour.dueAtMillis(), bucketKey), NOTHING);
        } else {
            hour.dueAt(0);
        }
    }

    private static long end(byte[] bucketKey) {
        return StoreKey.bucketStart(bucketKey) + Bucket.HOUR.length().toMillis();
    }

    private static UsageRollup rollup(String tenantId, byte[] bucketKey, UsageBucket hour, boolean complete) {
        TrafficTotals traffic = hour.getTraffic();
        return UsageRollup.newBuilder().setTenantId(tenantId).setUserId(StoreKey.bucketUser(bucketKey))
                .setBucketStart(Instant.ofEpochMilli(StoreKey.bucketStart(bucketKey)))
                .setStepSeconds(Math.toIntExact(Bucket.HOUR.length().toSeconds())).setVersion(hour.getVersion())
                .setFinalRecord(true).setComplete(complete).setClientToRelay(counters(traffic.getClientToRelay()))
                .setRelayToPeer(counters(traffic.getRelayToPeer())).setPeerToRelay(counters(traffic.getPeerToRelay()))
                .setRelayToClient(counters(traffic.getRelayToClient())).setBillableBytes(hour.getBillableBytes())
                .setAdjustmentBytes(hour.getAdjustmentBytes()).build();
    }

    private static DirectionCounters counters(DirectionTotals totals) {
        return new DirectionCounters(totals.getWireBytes(), totals.getPayloadBytes(), totals.getPackets());
    }
}
