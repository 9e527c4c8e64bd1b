package io.turnpike.benchmarks.streams;

import io.turnpike.contract.Topic;
import io.turnpike.telemetry.topology.TelemetryTopology;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** How far the application has come, from its committed offsets. */
final class Offsets implements AutoCloseable {
    private static final List<Topic> INPUTS = List.of(Topic.ALLOCATION, Topic.BANDWIDTH);

    private final Admin admin;
    private final String application;
    private final int partitions;
    private final int threads;

    Offsets(String bootstrapServers, String application, int partitions, int threads) {
        admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
        this.application = application;
        this.partitions = partitions;
        this.threads = threads;
    }

    /** Ends of the input topics. */
    Map<TopicPartition, Long> inputEnds() throws IOException, InterruptedException {
        return ends(INPUTS.stream().map(Topic::topicName).toList());
    }

    /** What was committed of each partition; missing ones were never committed. */
    Map<TopicPartition, Long> committed() throws IOException, InterruptedException {
        try {
            Map<TopicPartition, Long> committed = new HashMap<>();
            admin.listConsumerGroupOffsets(application).partitionsToOffsetAndMetadata().get()
                    .forEach((partition, offset) -> {
                        if (offset != null) {
                            committed.put(partition, offset.offset());
                        }
                    });
            return committed;
        } catch (ExecutionException e) {
            throw new IOException("the broker did not say what is committed", e.getCause());
        }
    }

    /** Whether all that the trackers sent on to users was counted, once all input is. */
    boolean isCountedThrough(Map<TopicPartition, Long> committed) throws IOException, InterruptedException {
        // Behind the last record of a partition there is a mark of a transaction for each thread at most.
        return ends(List.of(TelemetryTopology.repartitionTopic(application, TelemetryTopology.USAGE_BY_USER)))
                .entrySet()
                .stream().allMatch(end -> end.getValue() - committed.getOrDefault(end.getKey(), 0L) <= threads);
    }

    /** How many input records are committed. */
    static long inputs(Map<TopicPartition, Long> offsets) {
        return offsets.entrySet().stream()
                .filter(each -> INPUTS.stream().anyMatch(topic -> topic.topicName().equals(each.getKey().topic())))
                .mapToLong(Map.Entry::getValue).sum();
    }

    /** Offsets that the application's own topics and their changelogs have used up. */
    long written() throws IOException, InterruptedException {
        try {
            List<String> own = admin.listTopics().names().get().stream().filter(name -> name.startsWith(application))
                    .toList();
            Map<TopicPartition, OffsetSpec> latest = admin.describeTopics(own).allTopicNames().get().values().stream()
                    .flatMap(topic -> topic.partitions().stream()
                            .map(partition -> new TopicPartition(topic.name(), partition.partition())))
                    .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()));
            return admin.listOffsets(latest).all().get().values().stream().mapToLong(end -> end.offset()).sum();
        } catch (ExecutionException e) {
            throw new IOException("the broker did not say how long the topics are", e.getCause());
        }
    }

    private Map<TopicPartition, Long> ends(List<String> topics) throws IOException, InterruptedException {
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        topics.forEach(topic -> IntStream.range(0, partitions)
                .forEach(partition -> latest.put(new TopicPartition(topic, partition), OffsetSpec.latest())));
        try {
            return admin.listOffsets(latest).all().get().entrySet().stream()
                    .collect(Collectors.toMap(Map.Entry::getKey, end -> end.getValue().offset()));
        } catch (ExecutionException e) {
            throw new IOException("the broker did not say where " + topics + " end", e.getCause());
        }
    }

    @Override
    public void close() {
        admin.close();
    }
}
