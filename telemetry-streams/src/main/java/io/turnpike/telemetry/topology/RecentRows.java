package io.turnpike.telemetry.topology;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Rows of a store as they will be once the transaction is committed: those that were used lately, so that they need not be
 * read again, and which of them changed, so that each is written once. Confined to the stream thread.
 *
 * @param <R> row, which is equal to itself alone
 */
final class RecentRows<K, R> {
    private static final int MOST = 8_192;

    private final Map<K, R> rows = new LinkedHashMap<>(16, 0.75f, true);
    private final Set<R> changed = new LinkedHashSet<>();

    /** The row, or null if it is not known. */
    R get(K key) {
        return rows.get(key);
    }

    void put(K key, R row) {
        rows.put(key, row);
    }

    /** Forgets a row and what changed of it. */
    void remove(K key) {
        changed.remove(rows.remove(key));
    }

    /** Notes that a row is to be written. */
    void change(R row) {
        changed.add(row);
    }

    /** Writes what has changed, in the order of its first change; then forgets those rows that are too many. */
    void write(Consumer<R> writer) {
        changed.forEach(writer);
        changed.clear();
        var oldest = rows.values().iterator();
        while (rows.size() > MOST) {
            oldest.next();
            oldest.remove();
        }
    }
}
