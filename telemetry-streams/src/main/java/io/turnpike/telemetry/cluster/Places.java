package io.turnpike.telemetry.cluster;

import io.turnpike.telemetry.query.StoreGroup;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsMetadata;

/** Where each partition is, as Kafka Streams has spread them over the instances at this moment. Thread-safe. */
final class Places {
    private final StreamsView view;

    Places(StreamsView view) {
        this.view = view;
    }

    /**
     * Who can answer for the partitions of a group, the owner first, then those with a copy, this instance first of them.
     * A partition that nobody has is not in it.
     */
    Map<Integer, List<Instance>> of(StoreGroup group) {
        Optional<KafkaStreams> streams = view.streams();
        if (streams.isEmpty() || !streams.get().state().isRunningOrRebalancing()) {
            return Map.of();
        }
        Map<Integer, List<Instance>> places = new HashMap<>();
        Collection<StreamsMetadata> instances = streams.get().metadataForAllStreamsClients();
        for (StreamsMetadata metadata : instances) {
            add(places, metadata, metadata.topicPartitions(), group, 0);
        }
        for (StreamsMetadata metadata : instances) {
            boolean isSelf = view.self().equals(Optional.of(Instance.of(metadata.hostInfo())));
            add(places, metadata, metadata.standbyTopicPartitions(), group, isSelf ? 1 : Integer.MAX_VALUE);
        }
        return places;
    }

    private void add(Map<Integer, List<Instance>> places, StreamsMetadata metadata, Set<TopicPartition> partitions,
            StoreGroup group, int rank) {
        String topic = view.topic(group);
        for (TopicPartition partition : partitions) {
            if (partition.topic().equals(topic)) {
                List<Instance> known = places.computeIfAbsent(partition.partition(), key -> new ArrayList<>());
                known.add(Math.min(rank, known.size()), Instance.of(metadata.hostInfo()));
            }
        }
    }
}
