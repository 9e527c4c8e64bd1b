package io.turnpike.telemetry.query;

import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Rankings of many users, kept for a while. To add up a hundred thousand users costs a core for a second, and those who look at
 * a ranking look again, or turn its pages. A ranking is used for ten times as long as it took to make, so that rankings
 * cost a tenth of a core at most for each view of them, and it says how old it is; one that is made quickly is not kept. Who
 * asks while it is being made waits for it. Thread-safe.
 */
final class Rankings {
    private static final long WORTH_KEEPING_NANOS = Duration.ofMillis(50).toNanos();
    private static final long USES_ITS_COST = 10;

    private final int mostUsers;
    private final LongSupplier nanoTime;
    private final Map<Object, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
    private int users;

    /**
     * A ranking.
     *
     * @param asOf up to when the stores had counted when it was begun
     * @param users all of them, in no order
     */
    record Ranking(Instant asOf, List<UserUsage> users) {}

    private static final class Entry {
        private final CompletableFuture<Ranking> ranking = new CompletableFuture<>();
        private long usableUntilNanos;
        private int size;
    }

    /**
     * @param mostUsers in all rankings together; the ones that were not asked for longest go first
     * @param nanoTime a clock that only goes forward
     */
    Rankings(int mostUsers, LongSupplier nanoTime) {
        this.mostUsers = mostUsers;
        this.nanoTime = nanoTime;
    }

    /** The ranking of a key, made if there is none that is young enough. */
    Ranking get(Object key, Supplier<Ranking> making) {
        Entry mine = new Entry();
        Entry known = claim(key, mine);
        if (known != mine) {
            return await(known);
        }
        long begun = nanoTime.getAsLong();
        try {
            Ranking made = making.get();
            keep(key, mine, made, nanoTime.getAsLong() - begun);
            mine.ranking.complete(made);
            return made;
        } catch (RuntimeException | Error e) { // whoever waits must not wait for ever
            drop(key, mine);
            mine.ranking.completeExceptionally(e);
            throw e;
        }
    }

    /** Whoever waits fails as the one who makes it: how a partition moved must be seen behind either. */
    private static Ranking await(Entry known) {
        try {
            return known.ranking.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw e;
        }
    }

    /** The entry that is to be used: one that is being made or young enough, else the new one. */
    private synchronized Entry claim(Object key, Entry fresh) {
        Entry known = entries.get(key);
        if (known != null && (!known.ranking.isDone() || nanoTime.getAsLong() - known.usableUntilNanos < 0)) {
            return known;
        }
        if (known != null) {
            users -= known.size;
        }
        entries.put(key, fresh);
        return fresh;
    }

    private synchronized void keep(Object key, Entry entry, Ranking made, long cost) {
        if (cost < WORTH_KEEPING_NANOS || made.users().size() > mostUsers) {
            entries.remove(key, entry);
            return;
        }
        entry.size = made.users().size();
        entry.usableUntilNanos = nanoTime.getAsLong() + USES_ITS_COST * cost;
        users += entry.size;
        for (Iterator<Entry> oldest = entries.values().iterator(); users > mostUsers && oldest.hasNext();) {
            Entry each = oldest.next();
            if (each != entry && each.size > 0) {
                users -= each.size;
                oldest.remove();
            }
        }
    }

    private synchronized void drop(Object key, Entry entry) {
        entries.remove(key, entry);
    }
}
