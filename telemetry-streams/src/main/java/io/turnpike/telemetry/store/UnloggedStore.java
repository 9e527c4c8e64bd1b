package io.turnpike.telemetry.store;

import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;

/**
 * A store that holds nothing of its own: Kafka Streams opens and closes it with its step, and has nothing to restore. Opened
 * and closed by the stream thread.
 */
abstract class UnloggedStore implements StateStore {
    private final String name;
    private boolean open;

    UnloggedStore(String name) {
        this.name = name;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        context.register(root, (key, value) -> {});
        open = true;
    }

    @Override
    public void close() {
        open = false;
    }

    @Override
    public final boolean persistent() {
        return false;
    }

    @Override
    public final boolean isOpen() {
        return open;
    }
}
