package io.turnpike.telemetry.ops;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Tells whether a stretch of a partition holds records or only marks of transactions. A consumer never commits past the
 * marks behind the last record, so by the offsets alone an idle partition looks behind forever. Confined to one thread.
 */
final class CommittedTail implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final int MOST_POLLS = 10;

    private final Consumer<byte[], byte[]> consumer;

    CommittedTail(String bootstrapServers) {
        consumer = new KafkaConsumer<>(
                Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed", ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        1, ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false,
                        ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                        5_000, ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 4_000),
                new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Whether no record is to be read from the first offset up to the second; false if that is not found out soon. */
    boolean holdsNoRecord(TopicPartition partition, long from, long to) {
        consumer.assign(List.of(partition));
        consumer.seek(partition, from);
        for (int poll = 0; poll < MOST_POLLS; poll++) {
            if (!consumer.poll(POLL).isEmpty()) {
                return false;
            }
            if (consumer.position(partition) >= to) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
    }
}
