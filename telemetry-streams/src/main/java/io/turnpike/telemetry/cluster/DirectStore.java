package io.turnpike.telemetry.cluster;

import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/**
 * A store that is looked for once. Kafka Streams' own view goes through all tasks of all threads for each row, which for a
 * question about a hundred thousand rows is most of its time. That the store is still the owner's is asked every few hundred
 * rows and at the end: long before a store that was emptied could be whole again. Confined to one question.
 */
final class DirectStore<K, V> implements ReadOnlyKeyValueStore<K, V> {
    private static final int READS_PER_LOOK = 256;

    private final Supplier<ReadOnlyKeyValueStore<K, V>> lookup;
    private final ReadOnlyKeyValueStore<K, V> store;
    private int reads;

    /** @param lookup finds the store of the owner, or throws InvalidStateStoreException */
    DirectStore(Supplier<ReadOnlyKeyValueStore<K, V>> lookup) {
        this.lookup = lookup;
        this.store = lookup.get();
    }

    /** Throws InvalidStateStoreException if the store was taken away meanwhile. */
    void look() {
        if (lookup.get() != store) {
            throw new InvalidStateStoreException("the store was taken away");
        }
    }

    private ReadOnlyKeyValueStore<K, V> read() {
        if (++reads % READS_PER_LOOK == 0) {
            look();
        }
        return store;
    }

    @Override
    public V get(K key) {
        return read().get(key);
    }

    @Override
    public KeyValueIterator<K, V> range(K from, K to) {
        return read().range(from, to);
    }

    @Override
    public <P extends Serializer<Q>, Q> KeyValueIterator<K, V> prefixScan(Q prefix, P serializer) {
        return read().prefixScan(prefix, serializer);
    }

    @Override
    public KeyValueIterator<K, V> all() {
        return read().all();
    }

    @Override
    public long approximateNumEntries() {
        return read().approximateNumEntries();
    }
}
