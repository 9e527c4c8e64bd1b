package io.turnpike.telemetry.ops;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;

/**
 * Records on which a transaction was aborted. When they come again they are put aside before a step sees them, so that a
 * record has all of its effects or none. In memory: another instance learns of such a record by failing on it once
 * itself. Thread-safe.
 */
final class Quarantine {
    private static final int MOST_RECORDS = 1_000;

    private record Place(TopicPartition partition, long offset) {}

    private final Map<Place, DeadLetter.Cause> records = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Place, DeadLetter.Cause> eldest) {
            return size() > MOST_RECORDS;
        }
    };
    private volatile boolean empty = true;

    /** Whether no record is in it, which is nearly always so and cheap to ask. */
    boolean isEmpty() {
        return empty;
    }

    synchronized void add(String topic, int partition, long offset, DeadLetter.Cause cause) {
        records.put(new Place(new TopicPartition(topic, partition), offset), cause);
        empty = false;
    }

    /** Why a record is in it; it stays, because putting it aside may be aborted too. */
    synchronized Optional<DeadLetter.Cause> cause(String topic, int partition, long offset) {
        return Optional.ofNullable(records.get(new Place(new TopicPartition(topic, partition), offset)));
    }
}
