package io.turnpike.telemetry.store;

import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.streams.state.StoreBuilder;

/** Builds an {@link UnloggedStore}, which has neither cache nor changelog. */
record UnloggedBuilder<S extends UnloggedStore>(String name, Function<String, S> making) implements StoreBuilder<S> {
    @Override
    public StoreBuilder<S> withCachingEnabled() {
        return this;
    }

    @Override
    public StoreBuilder<S> withCachingDisabled() {
        return this;
    }

    @Override
    public StoreBuilder<S> withLoggingEnabled(Map<String, String> settings) {
        return this; // nothing of its own ever changes, so that a log of the changes is kept by keeping none
    }

    @Override
    public StoreBuilder<S> withLoggingDisabled() {
        return this;
    }

    @Override
    public S build() {
        return making.apply(name);
    }

    @Override
    public Map<String, String> logConfig() {
        return Map.of();
    }

    @Override
    public boolean loggingEnabled() {
        return false;
    }
}
