package io.turnpike.stun;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A map from transport addresses to values, searched by numbers: open addressing, linear probing, no tombstones, no
 * object for an entry and none for a search. Senders choose addresses, so the hash has a seed of the process's own. A map
 * that was never added to has no arrays. Confined to one thread.
 *
 * @param <V> what is found; never null
 */
public final class AddressMap<V> {
    private static final long SEED = ThreadLocalRandom.current().nextLong();
    private static final int LEAST_CAPACITY = 4;
    private static final int KEY_WORDS = 3;
    private static final long[] NO_KEYS = {};
    private static final Object[] NO_VALUES = {};

    private long[] keys = NO_KEYS;
    private Object[] values = NO_VALUES;
    private int size;

    /** The value at an address, or null. */
    public V get(Endpoint address) {
        return get(address.high(), address.low(), address.port());
    }

    /** The value at an address in numbers, or null. */
    public V get(long high, long low, int port) {
        return size == 0 ? null : value(find(high, low, port));
    }

    /** Sets the value at an address; answers the one before, or null. */
    public V put(Endpoint address, V value) {
        return put(address.high(), address.low(), address.port(), value);
    }

    /** Sets the value at an address in numbers; answers the one before, or null. */
    public V put(long high, long low, int port, V value) {
        if (value == null) {
            throw new NullPointerException("value");
        }
        if (3 * (size + 1) > 2 * values.length) {
            grow();
        }
        int at = find(high, low, port);
        V before = value(at);
        if (before == null) {
            set(at, high, low, port);
            size++;
        }
        values[at] = value;
        return before;
    }

    /** Takes an address out; answers its value, or null. */
    public V remove(Endpoint address) {
        return remove(address.high(), address.low(), address.port());
    }

    /** Takes an address in numbers out; answers its value, or null. */
    public V remove(long high, long low, int port) {
        if (size == 0) {
            return null;
        }
        int at = find(high, low, port);
        V before = value(at);
        if (before != null) {
            size--;
            close(at);
        }
        return before;
    }

    /** Number of addresses. */
    public int size() {
        return size;
    }

    /** Whether there is no address. */
    public boolean isEmpty() {
        return size == 0;
    }

    /** The values at this moment, in no order. */
    public List<V> values() {
        List<V> present = new ArrayList<>(size);
        for (int at = 0; at < values.length; at++) {
            if (values[at] != null) {
                present.add(value(at));
            }
        }
        return present;
    }

    static int hash(long high, long low, int port) {
        long mixed = (low ^ SEED) * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ mixed >>> 32 ^ high ^ (long) port << 40) * 0xD6E8FEB86659FD93L;
        mixed = (mixed ^ mixed >>> 29) * 0xD6E8FEB86659FD93L;
        return (int) (mixed >>> 32);
    }

    /** Where the address is, or the free place where it would be. */
    private int find(long high, long low, int port) {
        int mask = values.length - 1;
        int at = hash(high, low, port) & mask;
        while (values[at] != null) {
            int key = at * KEY_WORDS;
            if (keys[key] == low && keys[key + 1] == port && keys[key + 2] == high) {
                return at;
            }
            at = at + 1 & mask;
        }
        return at;
    }

    private void set(int at, long high, long low, int port) {
        int key = at * KEY_WORDS;
        keys[key] = low;
        keys[key + 1] = port;
        keys[key + 2] = high;
    }

    /** Moves those behind a freed place up that would not be found any more. */
    private void close(int freed) {
        int mask = values.length - 1;
        int gap = freed;
        for (int at = gap + 1 & mask; values[at] != null; at = at + 1 & mask) {
            int key = at * KEY_WORDS;
            int wanted = hash(keys[key + 2], keys[key], (int) keys[key + 1]) & mask;
            if ((at - wanted & mask) >= (at - gap & mask)) {
                System.arraycopy(keys, key, keys, gap * KEY_WORDS, KEY_WORDS);
                values[gap] = values[at];
                gap = at;
            }
        }
        values[gap] = null;
    }

    private void grow() {
        long[] oldKeys = keys;
        Object[] oldValues = values;
        int capacity = Math.max(LEAST_CAPACITY, 2 * oldValues.length);
        keys = new long[capacity * KEY_WORDS];
        values = new Object[capacity];
        for (int from = 0; from < oldValues.length; from++) {
            if (oldValues[from] != null) {
                int key = from * KEY_WORDS;
                int at = find(oldKeys[key + 2], oldKeys[key], (int) oldKeys[key + 1]);
                System.arraycopy(oldKeys, key, keys, at * KEY_WORDS, KEY_WORDS);
                values[at] = oldValues[from];
            }
        }
    }

    @SuppressWarnings("unchecked")
    private V value(int at) {
        return (V) values[at];
    }
}
