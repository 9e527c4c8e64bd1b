package io.turnpike.telemetry.cluster;

import io.turnpike.telemetry.query.StoreGroup;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.streams.KafkaStreams;

/** What is known of Kafka Streams on this instance. Thread-safe. */
public interface StreamsView {
    /** Kafka Streams once it was started. */
    Optional<KafkaStreams> streams();

    /** This instance, as the others know it; empty before Kafka Streams is started. */
    Optional<Instance> self();

    /** Input topic of the step to which the stores belong; its partitions are theirs. */
    String topic(StoreGroup group);

    /** How many partitions the group has; 0 while that is not known. */
    int partitions(StoreGroup group);

    /** Up to when the step has counted, over all instances; empty while that is not known. */
    Optional<Instant> asOf(StoreGroup group);
}
