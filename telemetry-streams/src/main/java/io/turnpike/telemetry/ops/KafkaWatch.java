package io.turnpike.telemetry.ops;

import io.turnpike.contract.Topic;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks Kafka twice a second whether it answers and how far the application is, so that health can say the one and every
 * answer the other. While Kafka is away answers grow old visibly. One thread runs it; reading is thread-safe.
 */
public final class KafkaWatch implements AutoCloseable {
    /** How often Kafka is asked. */
    public static final Duration INTERVAL = Duration.ofMillis(500);
    private static final Logger LOG = LoggerFactory.getLogger(KafkaWatch.class);

    private final Admin admin;
    private final String applicationId;
    private final String bootstrapServers;
    private final List<TopicPartition> inputs;
    private final List<TopicPartition> between;
    private final Clock clock;
    private final Thread thread;
    private final AtomicBoolean started = new AtomicBoolean();
    private volatile long answersSinceMillis = Long.MAX_VALUE;
    private volatile StreamProgress progress;

    /** @param between topics between the steps, with their partitions */
    public KafkaWatch(Admin admin, String applicationId, String bootstrapServers, Map<String, Integer> inputs,
            Map<String, Integer> between, Clock clock) {
        this.admin = admin;
        this.applicationId = applicationId;
        this.bootstrapServers = bootstrapServers;
        this.inputs = partitions(inputs);
        this.between = partitions(between);
        this.clock = clock;
        this.thread = new Thread(this::run, "kafka-watch");
        thread.setDaemon(true);
    }

    /** The input topics of allocations, nodes and the ledger. */
    public static Map<String, Integer> inputsOf(Topics topics) {
        return Stream.of(Topic.ALLOCATION, Topic.BANDWIDTH, Topic.NODE, Topic.COMMAND, Topic.TENANT_USAGE)
                .collect(Collectors.toMap(Topic::topicName, topics::partitions));
    }

    /** Begins to ask; a second call does nothing. */
    public void start() {
        if (started.compareAndSet(false, true)) {
            thread.start();
        }
    }

    /** Since when Kafka answers without a break, milliseconds since 1970; {@code Long.MAX_VALUE} while it does not. */
    public long answersSinceMillis() {
        return answersSinceMillis;
    }

    /** Up to when allocations, nodes and the ledger are known. */
    public Optional<Instant> sessionsAsOf() {
        return Optional.ofNullable(progress).flatMap(StreamProgress::sessionsAsOf);
    }

    /** Up to when usage is known. */
    public Optional<Instant> usageAsOf() {
        return Optional.ofNullable(progress).flatMap(StreamProgress::usageAsOf);
    }

    /** Ends the thread; the admin client is its maker's. */
    @Override
    public void close() {
        thread.interrupt();
    }

    private void run() {
        try (CommittedTail tails = new CommittedTail(bootstrapServers)) {
            progress = new StreamProgress(tails::holdsNoRecord);
            while (!Thread.currentThread().isInterrupted()) {
                look();
                Thread.sleep(INTERVAL.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() throws InterruptedException {
        try {
            Instant now = clock.instant();
            Map<TopicPartition, Long> committed = committed();
            progress.round(now, committed, offsets(inputs, OffsetSpec.latest()), offsets(between, OffsetSpec.latest()));
            if (answersSinceMillis == Long.MAX_VALUE) {
                LOG.info("kafka answers");
                answersSinceMillis = now.toEpochMilli();
            }
        } catch (ExecutionException | RuntimeException e) {
            if (answersSinceMillis != Long.MAX_VALUE) {
                LOG.warn("kafka does not answer reason={}", e.getMessage());
                answersSinceMillis = Long.MAX_VALUE;
            }
        }
    }

    /** The next offsets to be read: what was committed, but not before the start of the partition. */
    private Map<TopicPartition, Long> committed() throws InterruptedException, ExecutionException {
        Map<TopicPartition, OffsetAndMetadata> answer = admin.listConsumerGroupOffsets(applicationId)
                .partitionsToOffsetAndMetadata().get();
        Map<TopicPartition, Long> next = offsets(Stream.concat(inputs.stream(), between.stream()).toList(),
                OffsetSpec.earliest());
        next.replaceAll((partition, earliest) -> {
            OffsetAndMetadata committed = answer.get(partition);
            return committed == null ? earliest : Math.max(earliest, committed.offset());
        });
        return next;
    }

    private Map<TopicPartition, Long> offsets(List<TopicPartition> partitions, OffsetSpec spec)
            throws InterruptedException, ExecutionException {
        Map<TopicPartition, OffsetSpec> question = partitions.stream()
                .collect(Collectors.toMap(Function.identity(), partition -> spec));
        Map<TopicPartition, ListOffsetsResultInfo> answer = admin
                .listOffsets(question, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED)).all().get();
        Map<TopicPartition, Long> offsets = new HashMap<>();
        answer.forEach((partition, info) -> offsets.put(partition, info.offset()));
        return offsets;
    }

    private static List<TopicPartition> partitions(Map<String, Integer> topics) {
        return topics.entrySet().stream().flatMap(topic -> IntStream.range(0, topic.getValue())
                .mapToObj(partition -> new TopicPartition(topic.getKey(), partition))).toList();
    }
}
