package io.turnpike.telemetry.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.turnpike.telemetry.EmbeddedKafka;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.TaskCorruptedException;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A task whose state is corrupted in the middle of a rebalance costs the other tasks of its thread nothing. */
class OneStoryClientsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final int PARTITIONS = 4;
    private static final String CORRUPT = "corrupt";
    private static final String BLOCK = "block";

    @TempDir
    Path folder;
    private EmbeddedKafka kafka;
    private KafkaProducer<String, String> producer;
    private final List<KafkaStreams> instances = new ArrayList<>();
    private final List<String> sent = new ArrayList<>();
    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private final CountDownLatch goOn = new CountDownLatch(1);

    @BeforeEach
    void startKafka() throws Exception {
        kafka = EmbeddedKafka.start(folder);
        try (Admin admin = Admin.create(kafka.clientSettings())) {
            admin.createTopics(List.of(new NewTopic("in", PARTITIONS, (short) 1), new NewTopic("out", 1, (short) 1)))
                    .all().get();
        }
        producer = new KafkaProducer<>(kafka.clientSettings(), new StringSerializer(), new StringSerializer());
    }

    @AfterEach
    void stopAll() {
        goOn.countDown();
        instances.forEach(each -> each.close(Duration.ofSeconds(10)));
        producer.close();
        kafka.close();
    }

    @Test
    void whatOtherTasksWroteIsNotLostWithACorruptedOne() {
        begin();
        begin();
        await().atMost(PATIENCE).until(() -> partitions(0).size() == 2 && partitions(1).size() == 2);
        List<Integer> ours = partitions(0);
        send(partitions(1).get(0), BLOCK);
        await().atMost(PATIENCE).until(() -> seen.contains(BLOCK));
        begin(); // whom the group does not take in before the blocked one says so
        processWithoutCommit(ours.get(0));
        send(ours.get(1), CORRUPT);
        await().atMost(PATIENCE).until(() -> seen.contains(CORRUPT));
        goOn.countDown();
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(out()).containsExactlyInAnyOrderElementsOf(sent));
    }

    /** Until the instance does not commit any more what it has processed, because it waits for the group. */
    private void processWithoutCommit(int partition) {
        for (int i = 0; i < 100; i++) {
            String value = "record-" + i;
            send(partition, value);
            await().atMost(PATIENCE).until(() -> seen.contains(value));
            try {
                await().atMost(Duration.ofSeconds(3)).until(() -> out().contains(value));
            } catch (ConditionTimeoutException e) {
                return;
            }
        }
        throw new AssertionError("the group did not begin to rebalance");
    }

    private void begin() {
        Topology topology = new Topology();
        topology.addSource("source", Serdes.String().deserializer(), Serdes.String().deserializer(), "in")
                .addProcessor("step", Step::new, "source")
                .addSink("sink", "out", Serdes.String().serializer(), Serdes.String().serializer(), "step");
        Properties settings = new Properties();
        settings.putAll(kafka.clientSettings());
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "one-story");
        settings.put(StreamsConfig.STATE_DIR_CONFIG, folder.resolve("state-" + instances.size()).toString());
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.DEFAULT_CLIENT_SUPPLIER_CONFIG, OneStoryClients.class);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
        settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), 200);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), 300_000);
        KafkaStreams streams = new KafkaStreams(topology, settings);
        instances.add(streams);
        streams.start();
    }

    private List<Integer> partitions(int instance) {
        return instances.get(instance).metadataForLocalThreads().stream()
                .flatMap(thread -> thread.activeTasks().stream()).map(task -> task.taskId().partition()).sorted()
                .toList();
    }

    private void send(int partition, String value) {
        sent.add(value);
        producer.send(new ProducerRecord<>("in", partition, value, value));
        producer.flush();
    }

    private List<String> out() {
        return kafka.committed("out").stream().map(each -> new String(each.value(), StandardCharsets.UTF_8)).toList();
    }

    /** Passes everything on. */
    private final class Step extends ContextualProcessor<String, String, String, String> {
        @Override
        public void process(Record<String, String> record) {
            boolean isNew = seen.add(record.value());
            if (isNew && record.value().equals(CORRUPT)) {
                throw new TaskCorruptedException(Set.of(context().taskId()));
            }
            if (isNew && record.value().equals(BLOCK)) {
                awaitRelease();
            }
            context().forward(record);
        }

        private void awaitRelease() {
            try {
                goOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
