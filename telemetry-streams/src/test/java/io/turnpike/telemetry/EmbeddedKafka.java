package io.turnpike.telemetry;

import io.turnpike.contract.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** A real broker in the test's process, with the contract's topics; for what a topology test driver hides. */
public final class EmbeddedKafka implements AutoCloseable {
    private final TestBroker broker;

    private EmbeddedKafka(TestBroker broker) {
        this.broker = broker;
    }

    /** Starts a broker without topics in an empty folder. */
    public static EmbeddedKafka start(Path folder) {
        try {
            TestBroker broker = new TestBroker(Files.createDirectories(folder.resolve("kafka")));
            broker.start();
            return new EmbeddedKafka(broker);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Exception e) {
            throw new IllegalStateException("the embedded broker did not start", e);
        }
    }

    /** What clients give as {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return broker.bootstrapServers();
    }

    /** The settings that every client needs. */
    public Map<String, Object> clientSettings() {
        return Map.of("bootstrap.servers", bootstrapServers());
    }

    /** Makes all topics of the contract, each with at most that many partitions. */
    public EmbeddedKafka withTopics(int maxPartitions) {
        List<NewTopic> topics = new ArrayList<>();
        for (Topic topic : Topic.values()) {
            topics.add(new NewTopic(topic.topicName(), topic.partitions(maxPartitions), (short) 1)
                    .configs(topic.settings()));
        }
        try (Admin admin = Admin.create(clientSettings())) {
            admin.createTopics(topics).all().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return this;
    }

    /** Everything committed in a topic, in the order of each partition. */
    public List<ConsumerRecord<String, byte[]>> committed(String topic) {
        return records(topic, "read_committed");
    }

    /** Everything ever written to a topic, what was aborted too. */
    public List<ConsumerRecord<String, byte[]>> written(String topic) {
        return records(topic, "read_uncommitted");
    }

    private List<ConsumerRecord<String, byte[]>> records(String topic, String isolation) {
        Map<String, Object> settings = new HashMap<>(clientSettings());
        settings.put("isolation.level", isolation);
        settings.put("enable.auto.commit", false);
        List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(settings, new StringDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition())).toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (!partitions.stream().allMatch(each -> consumer.position(each) >= ends.get(each))) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }

    @Override
    public void close() {
        broker.close();
    }
}
