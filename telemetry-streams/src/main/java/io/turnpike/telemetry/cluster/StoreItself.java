package io.turnpike.telemetry.cluster;

import java.util.List;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.state.QueryableStoreType;
import org.apache.kafka.streams.state.internals.StateStoreProvider;

/** The store of one task itself instead of a view over all of its partitions. */
record StoreItself<S>(Class<?> kind) implements QueryableStoreType<S> {
    @Override
    public boolean accepts(StateStore candidate) {
        return kind.isInstance(candidate);
    }

    @Override
    public S create(StateStoreProvider provider, String name) {
        List<S> found = provider.stores(name, this);
        if (found.isEmpty()) {
            throw new InvalidStateStoreException("the store is not here");
        }
        return found.get(0);
    }
}
