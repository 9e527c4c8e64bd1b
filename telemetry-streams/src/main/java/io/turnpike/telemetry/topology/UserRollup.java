package io.turnpike.telemetry.topology;

import io.turnpike.events.v1.UsageRollup;
import io.turnpike.telemetry.ops.TelemetryMetrics;
import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.CommitHook;
import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.UserTotals;
import io.turnpike.telemetry.store.v1.UsageBucket;
import io.turnpike.telemetry.store.v1.UsageDelta;
import io.turnpike.telemetry.store.v1.UsagePart;
import java.util.Optional;
import java.util.function.LongFunction;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Adds each delta to the user's minute, hour and day buckets, and keeps the list of users: a user is on it while
 * something is open or one day bucket is kept. What a user is billed is kept in the heap beside. Confined to its stream
 * thread.
 */
final class UserRollup implements Processor<String, UsageDelta, String, UsageRollup> {
    private static final ByteArraySerializer BYTES = new ByteArraySerializer();

    private final TelemetryMetrics metrics;
    private final LongFunction<Optional<Boolean>> completeHours;
    private final Rounds rounds = new Rounds();
    private CommitHook hook;
    private OpenMinutes minutes;
    private UserTotals totals;
    private KeyValueStore<byte[], byte[]> users;

    UserRollup(TelemetryMetrics metrics, LongFunction<Optional<Boolean>> completeHours) {
        this.metrics = metrics;
        this.completeHours = completeHours;
    }

    @Override
    public void init(ProcessorContext<String, UsageRollup> context) {
        rounds.end();
        hook = context.getStateStore(Stores.USER_COMMIT);
        minutes = new OpenMinutes(context, rounds, Stores.USAGE_OPEN, Stores.USAGE_DUE, hook, Stores::usage,
                completeHours,
                metrics);
        users = context.getStateStore(Stores.USERS);
        new ExpirySweep<>(users, Bucket.DAY.length(), (user, none, now) -> minutes.open(user) == null && hasNoDay(user),
                metrics)
                .schedule(rounds, context);
        totals = context.getStateStore(Stores.USAGE_TOTALS);
        new TotalsFill(totals, minutes, users).schedule(rounds, context);
    }

    @Override
    public void close() {
        rounds.end();
        hook.release();
        totals.end();
    }

    @Override
    public void process(Record<String, UsageDelta> record) {
        UsageDelta delta = record.value();
        byte[] user = StoreKey.user(delta.getScope(), delta.getUserId());
        if (minutes.add(user, delta) && users.get(user) == null) {
            users.put(user, new byte[0]);
        }
        for (UsagePart part : delta.getParts()) {
            if (TotalsFill.hasMoved(part.getUsage())) {
                totals.note(user, delta.getScope(), delta.getUserId(), part.getMinuteMillis(),
                        part.getUsage().getBillableBytes());
            }
        }
    }

    private boolean hasNoDay(byte[] user) {
        try (KeyValueIterator<byte[], UsageBucket> days = minutes.buckets().store(Bucket.DAY).prefixScan(user, BYTES)) {
            return !days.hasNext();
        }
    }
}
