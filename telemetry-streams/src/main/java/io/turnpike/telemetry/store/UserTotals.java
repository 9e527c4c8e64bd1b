package io.turnpike.telemetry.store;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ObjLongConsumer;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * What each user of one partition is billed, by recent hours and by days, in the heap, so that users can be ranked without
 * a row of theirs being read (docs/decisions/0038-totals-of-users-in-the-heap.md). It holds nothing that the stores do not: it has no
 * changelog, and is filled from them after each start. The stream thread writes; what it writes is in the stores before it is here,
 * so that who reads here first and there afterwards finds there as much or more. Reading is thread-safe.
 */
public final class UserTotals extends UnloggedStore {
    private static final byte[] NO_KEY = {};

    private final List<Change> changes = new ArrayList<>();
    private TotalsMemory memory;
    private byte[] filledTo = NO_KEY;
    private TotalsWalk walk = TotalsWalk.DONE;
    private volatile Filled filled;

    /** What was added since the stores were last written. */
    private record Change(byte[] key, String tenantId, String userId, long minuteMillis, long bytes) {}

    /** How far back it goes; less for many users. The first that fits is taken, and none after the last. */
    private record Reach(int hours, int days) {
        private static final List<Reach> ALL = List.of(new Reach(192, 400), new Reach(50, 400), new Reach(50, 100),
                new Reach(50, 35), new Reach(26, 8));
    }

    /** All of it since the last start of the step. */
    private static final class Filled {
        private final Map<String, Map<String, BilledTimes>> tenants = new ConcurrentHashMap<>();
        private final AtomicLong heapBytes = new AtomicLong();
        private int reach;
        private volatile int hoursFrom;
        private volatile int daysFrom;
        private volatile boolean complete;

        void reachTo(long nowMillis) {
            hoursFrom = BilledTimes.hourOf(nowMillis) - Reach.ALL.get(reach).hours + 1;
            daysFrom = BilledTimes.dayOf(nowMillis) - Reach.ALL.get(reach).days + 1;
        }

        void drop() {
            complete = false;
            tenants.clear();
            heapBytes.set(0);
        }
    }

    private UserTotals(String name) {
        super(name);
    }

    static StoreBuilder<UserTotals> builder(String name) {
        return new UnloggedBuilder<>(name, UserTotals::new);
    }

    /** Begins again, empty; called when the step that owns it begins. */
    public void begin(long nowMillis) {
        changes.clear();
        filledTo = NO_KEY;
        walk = TotalsWalk.DONE;
        Filled fresh = new Filled();
        fresh.reachTo(nowMillis);
        filled = fresh;
        memory.share(this);
    }

    /** Is there for nobody any more; called when the step that owns it ends. */
    public void end() {
        filled = null;
        changes.clear();
        if (memory != null) {
            memory.leave(this);
        }
    }

    /** From when on hours are wanted, milliseconds since 1970. */
    public long hoursFromMillis() {
        return filled.hoursFrom * Bucket.HOUR.length().toMillis();
    }

    /** From when on days are wanted, milliseconds since 1970. */
    public long daysFromMillis() {
        return filled.daysFrom * Bucket.DAY.length().toMillis();
    }

    /** Notes what is to be added as soon as the stores hold it. */
    public void note(byte[] key, String tenantId, String userId, long minuteMillis, long billableBytes) {
        if (isKept()) {
            changes.add(new Change(key, tenantId, userId, minuteMillis, billableBytes));
        }
    }

    /** The stores hold everything that was noted. */
    public void written() {
        Filled now = filled;
        for (Change change : changes) {
            BilledTimes times = times(now, change);
            if (times != null) {
                int grown = times.addMinute(change.minuteMillis, change.bytes);
                if (grown != 0) {
                    now.heapBytes.addAndGet(grown);
                }
            }
        }
        changes.clear();
    }

    /** Null for one whose rows are yet to be read: they hold what was noted. */
    private BilledTimes times(Filled now, Change change) {
        Map<String, BilledTimes> users = now.tenants.get(change.tenantId);
        BilledTimes known = users == null ? null : users.get(change.userId);
        if (known == null && (now.complete || Arrays.compareUnsigned(change.key, filledTo) < 0)) {
            known = new BilledTimes();
            put(now, change.tenantId, change.userId, known);
        }
        return known;
    }

    private static void put(Filled now, String tenantId, String userId, BilledTimes times) {
        now.tenants.computeIfAbsent(tenantId, id -> new ConcurrentHashMap<>()).put(userId, times);
        now.heapBytes.addAndGet(TotalsWalk.heapBytes(userId, times));
    }

    /** Where filling goes on: the smallest key in the list of users that was not filled yet. */
    public byte[] filledTo() {
        return filledTo;
    }

    /** Takes in what the stores hold of a user; in the order of the keys, and with nothing noted that is not written. */
    public void fill(byte[] key, BilledTimes times) {
        filledTo = StoreKey.after(key);
        if (!times.isEmpty()) {
            put(filled, StoreKey.tenantOf(key), StoreKey.userOf(key), times);
        }
    }

    /** All users were filled. */
    public void complete() {
        filled.complete = true;
    }

    /** Whether all users are in it. */
    public boolean isComplete() {
        Filled now = filled;
        return now != null && now.complete;
    }

    /** Whether anything is kept: false where not even the last days of all users fit into the bound. */
    public boolean isKept() {
        return filled.reach < Reach.ALL.size();
    }

    /** Whether it has outgrown its part of the bound. */
    public boolean isTooLarge() {
        return isKept() && filled.heapBytes.get() > memory.mostBytes();
    }

    /** Begins to forget what is older than it goes back; {@link #tidy} goes on with it. */
    public void forget(long nowMillis) {
        if (isKept()) {
            filled.reachTo(nowMillis);
            walk = new TotalsWalk(filled.tenants, filled.hoursFrom, filled.daysFrom);
        }
    }

    /**
     * Forgets of some users what is older than it goes back, and goes less far back if it is too large when all of them were
     * looked at.
     *
     * @param mostUsers so many are looked at, at most
     * @return whether there is nothing left to do
     */
    public boolean tidy(long nowMillis, int mostUsers) {
        if (walk.isDone() && isTooLarge()) {
            filled.reach++;
            if (isKept()) {
                forget(nowMillis);
            } else {
                filled.drop();
            }
        }
        filled.heapBytes.addAndGet(-walk.goOn(mostUsers));
        return walk.isDone() && !isTooLarge();
    }

    /**
     * Shows each user of a tenant that used anything in a range, with what it is billed for it.
     *
     * @return false if that is not known here, and what was shown is not all: the range does not begin and end with an hour or
     *         goes too far back, or the users are still being read
     */
    public boolean show(String tenantId, Instant from, Instant to, ObjLongConsumer<String> users) {
        Filled now = filled;
        Optional<BilledTimes.Pieces> range = range(from, to);
        if (now == null || range.isEmpty() || !holds(now, range.get())) {
            return false;
        }
        now.tenants.getOrDefault(tenantId, Map.of()).forEach((user, times) -> {
            long bytes = times.sum(range.get());
            if (bytes != PackedSums.NOTHING) {
                users.accept(user, bytes);
            }
        });
        return now == filled && holds(now, range.get());
    }

    private static boolean holds(Filled now, BilledTimes.Pieces range) {
        return now.complete && range.isSince(now.hoursFrom, now.daysFrom);
    }

    private static Optional<BilledTimes.Pieces> range(Instant from, Instant to) {
        long hourMillis = Bucket.HOUR.length().toMillis();
        long fromMillis = from.toEpochMilli();
        long toMillis = to.toEpochMilli();
        return fromMillis % hourMillis == 0 && toMillis % hourMillis == 0
                ? Optional.of(BilledTimes.Pieces.of(BilledTimes.hourOf(fromMillis), BilledTimes.hourOf(toMillis)))
                : Optional.empty();
    }

    /** What it takes of the heap, about. */
    long heapBytes() {
        Filled now = filled;
        return now == null ? 0 : now.heapBytes.get();
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        memory = (TotalsMemory) context.appConfigs().get(TotalsMemory.SETTING);
        super.init(context, root);
    }

    @Override
    public void close() {
        end();
        super.close();
    }
}
