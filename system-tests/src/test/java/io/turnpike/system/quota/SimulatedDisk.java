package io.turnpike.system.quota;

import io.turnpike.telemetry.topology.LedgerTask;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The ledger's stores as bytes, with one transaction open at any time. */
final class SimulatedDisk implements LedgerTask.Disk {
    private record Undo(String store, String key, byte[] before) {}

    private final Map<String, TreeMap<String, byte[]>> stores = new TreeMap<>();
    private final Map<String, Set<String>> changed = new TreeMap<>();
    private final Deque<Undo> undo = new ArrayDeque<>();

    @Override
    public byte[] get(String store, String key) {
        return of(store).get(key);
    }

    @Override
    public void put(String store, String key, byte[] value) {
        undo.push(new Undo(store, key, write(store, key, value)));
    }

    private byte[] write(String store, String key, byte[] value) {
        changed.computeIfAbsent(store, name -> new TreeSet<>()).add(key);
        return value == null ? of(store).remove(key) : of(store).put(key, value);
    }

    @Override
    public List<Map.Entry<String, byte[]>> scan(String store, String prefix) {
        List<Map.Entry<String, byte[]>> found = new ArrayList<>();
        for (Map.Entry<String, byte[]> entry : of(store).tailMap(prefix).entrySet()) {
            if (!entry.getKey().startsWith(prefix)) {
                break;
            }
            found.add(Map.entry(entry.getKey(), entry.getValue()));
        }
        return found;
    }

    void commit() {
        undo.clear();
    }

    void abort() {
        while (!undo.isEmpty()) {
            Undo last = undo.pop();
            write(last.store, last.key, last.before);
        }
    }

    /** Changelog and disk are gone. */
    void lose() {
        stores.values().forEach(Map::clear);
        undo.clear();
    }

    /** Keys that were written since the last call. */
    Set<String> takeChanged(String store) {
        Set<String> taken = changed.remove(store);
        return taken == null ? Set.of() : taken;
    }

    private TreeMap<String, byte[]> of(String store) {
        return stores.computeIfAbsent(store, name -> new TreeMap<>());
    }
}
