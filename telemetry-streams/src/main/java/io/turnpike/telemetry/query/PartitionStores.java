package io.turnpike.telemetry.query;

import io.turnpike.telemetry.store.UserTotals;
import io.turnpike.telemetry.store.WriteSequence;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** The stores of one partition, wherever the question about it is answered. */
public interface PartitionStores {
    /**
     * Opens a store of the question's group.
     *
     * @throws org.apache.kafka.streams.errors.InvalidStateStoreException if it is not here now; reading it may throw it too
     */
    <K, V> ReadOnlyKeyValueStore<K, V> open(String store);

    /** The sequence of the writes to the group's stores; of a copy nobody knows it, and it has none. */
    default Optional<WriteSequence> writes() {
        return Optional.empty();
    }

    /** Throws InvalidStateStoreException if a store was taken away while it was read; for what is kept beyond the answer. */
    default void confirm() {}

    /** Up to when the step has counted, at least; empty for a copy, which says that itself. */
    default Optional<Instant> ownerAsOf() {
        return Optional.empty();
    }

    /** What users are billed, in the heap; empty for a copy, which has none. To be asked of the group of users alone. */
    default Optional<UserTotals> totals() {
        return Optional.empty();
    }

    /** Which partition it is. */
    default int partition() {
        return 0;
    }
}
