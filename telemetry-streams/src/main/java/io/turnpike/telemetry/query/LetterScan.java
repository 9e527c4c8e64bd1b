package io.turnpike.telemetry.query;

import io.turnpike.contract.Topic;
import io.turnpike.telemetry.ops.DeadLetter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the dead-letter topic for one question. Confined to one thread. */
final class LetterScan implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(8);
    private static final int API_TIMEOUT_MILLIS = 5_000;

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final long deadline = System.nanoTime() + PATIENCE.toNanos();

    /** @param isolation {@code read_committed}, or {@code read_uncommitted} to see where the topic really ends */
    LetterScan(Map<String, Object> clientSettings, String isolation) {
        Map<String, Object> settings = new HashMap<>(clientSettings);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, API_TIMEOUT_MILLIS);
        settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, API_TIMEOUT_MILLIS - 1_000);
        consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    List<TopicPartition> partitions() {
        return consumer.partitionsFor(Topic.DLQ.topicName()).stream()
                .map(each -> new TopicPartition(each.topic(), each.partition())).toList();
    }

    Map<TopicPartition, Long> begins(List<TopicPartition> partitions) {
        return consumer.beginningOffsets(partitions);
    }

    Map<TopicPartition, Long> ends(List<TopicPartition> partitions) {
        return consumer.endOffsets(partitions);
    }

    /** The first offsets of records that are not older. */
    Map<TopicPartition, Long> since(List<TopicPartition> partitions, Instant time) {
        Map<TopicPartition, Long> question = new HashMap<>();
        partitions.forEach(partition -> question.put(partition, Math.max(0, time.toEpochMilli())));
        Map<TopicPartition, Long> offsets = new HashMap<>(ends(partitions));
        consumer.offsetsForTimes(question).forEach((partition, found) -> {
            if (found != null) {
                offsets.put(partition, found.offset());
            }
        });
        return offsets;
    }

    /** Whether there is time left. */
    boolean hasTime() {
        return System.nanoTime() - deadline < 0;
    }

    /** Reads from the offsets to the ends as they are now; false if there was no time for all. */
    boolean read(Map<TopicPartition, Long> from, Consumer<ConsumerRecord<byte[], byte[]>> visitor) {
        List<TopicPartition> partitions = List.copyOf(from.keySet());
        Map<TopicPartition, Long> ends = ends(partitions);
        consumer.assign(partitions);
        from.forEach(consumer::seek);
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            if (!hasTime()) {
                return false;
            }
            consumer.poll(POLL).forEach(visitor);
        }
        return true;
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
    }

    static Letter.Id id(ConsumerRecord<?, ?> record) {
        return new Letter.Id(record.partition(), record.offset());
    }

    /** The letter that a mark speaks of; empty if the record is no mark. */
    static Optional<Letter.Id> replayOf(ConsumerRecord<byte[], byte[]> record) {
        return text(record, DeadLetter.REPLAY_OF).flatMap(Letter.Id::parse);
    }

    static Letter.Replay replay(ConsumerRecord<byte[], byte[]> mark) {
        return new Letter.Replay(Instant.ofEpochMilli(mark.timestamp()),
                text(mark, DeadLetter.REPLAYED_BY).orElse(""));
    }

    static Letter letter(ConsumerRecord<byte[], byte[]> record) {
        Letter.Cause cause = new Letter.Cause(text(record, DeadLetter.REASON).orElse("unknown"),
                text(record, DeadLetter.ERROR).orElse(""), text(record, DeadLetter.MESSAGE).orElse(""),
                text(record, DeadLetter.STEP).orElse(""));
        Letter.Origin origin = new Letter.Origin(text(record, DeadLetter.TOPIC).orElse(""),
                (int) number(record, DeadLetter.PARTITION).orElse(-1L).longValue(),
                number(record, DeadLetter.OFFSET).orElse(-1L),
                number(record, DeadLetter.TIMESTAMP).filter(millis -> millis >= 0).map(Instant::ofEpochMilli),
                text(record, DeadLetter.APPLICATION).orElse(""));
        int kept = record.value() == null ? 0 : record.value().length;
        return new Letter(id(record), Instant.ofEpochMilli(record.timestamp()), cause, origin,
                Optional.ofNullable(record.key()), Optional.ofNullable(record.value()),
                (int) number(record, DeadLetter.CUT_FROM).orElse((long) kept).longValue(),
                Arrays.stream(record.headers().toArray()).filter(header -> !DeadLetter.isOwn(header.key()))
                        .map(header -> new Letter.Header(header.key(),
                                header.value() == null ? new byte[0] : header.value()))
                        .toList(),
                record.headers().lastHeader(DeadLetter.CUT_FROM) == null
                        && record.headers().lastHeader(DeadLetter.KEY_CUT_FROM) == null,
                Optional.empty());
    }

    private static Optional<String> text(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null
                ? Optional.empty()
                : Optional.of(new String(header.value(), StandardCharsets.UTF_8));
    }

    private static Optional<Long> number(ConsumerRecord<byte[], byte[]> record, String name) {
        return text(record, name).filter(text -> text.matches("-?[0-9]{1,18}")).map(Long::parseLong);
    }
}
