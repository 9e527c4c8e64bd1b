package io.turnpike.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerTest {
    private static final TopicPartition CALLS = new TopicPartition("calls", 0);

    @TempDir
    Path dataDir;

    @Test
    void keepsRecordsAndClusterIdOverARestartInTheSameProcess() throws Exception {
        String clusterId;
        int port;
        try (EmbeddedBroker broker = EmbeddedBroker.start(dataDir, 0)) {
            port = broker.port();
            clusterId = clusterId(broker);
            createTopic(broker);
            send(broker, "first");
        }
        assertThat(Loopback.tcpIsFree(InetAddress.getByName("127.0.0.1"), port)).isTrue();

        try (EmbeddedBroker broker = EmbeddedBroker.start(dataDir, port)) {
            assertThat(broker.bootstrapServers()).isEqualTo("127.0.0.1:" + port);
            assertThat(clusterId(broker)).isEqualTo(clusterId);
            send(broker, "second");
            assertThat(readTwo(broker)).containsExactly("first", "second");
        }
    }

    private static String clusterId(EmbeddedBroker broker) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            return admin.describeCluster().clusterId().get();
        }
    }

    private static void createTopic(EmbeddedBroker broker) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(CALLS.topic(), Optional.of(1), Optional.empty()))).all().get();
        }
    }

    /** In a transaction, since the ledger needs the broker's transaction log as well. */
    private static void send(EmbeddedBroker broker, String value) throws Exception {
        try (Producer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "transactional.id", "test"),
                new StringSerializer(), new StringSerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(CALLS.topic(), value)).get();
            producer.commitTransaction();
        }
    }

    private static List<String> readTwo(EmbeddedBroker broker) {
        try (Consumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "isolation.level", "read_committed",
                        "auto.offset.reset", "earliest"),
                new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(CALLS));
            List<String> values = new ArrayList<>();
            for (int poll = 0; poll < 100 && values.size() < 2; poll++) {
                for (ConsumerRecord<String, String> read : consumer.poll(Duration.ofMillis(200))) {
                    values.add(read.value());
                }
            }
            return values;
        }
    }
}
