package io.turnpike.telemetry.ops;

import io.turnpike.contract.Topic;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
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
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks Kafka twice a second how far the application is, so that every answer can say up to when it is whole. A mark is
 * taken of the ends of the input topics; when what was committed has passed them, the allocations are known up to the
 * time of the mark. Then the ends of the topics between the steps are taken, and when those are passed too, usage is
 * known up to that time. While Kafka is away no mark is passed, and answers grow old visibly. One thread runs it;
 * reading is thread-safe.
 */
public final class KafkaWatch implements AutoCloseable {
    /** How often Kafka is asked. */
    public static final Duration INTERVAL = Duration.ofMillis(500);
    private static final Logger LOG = LoggerFactory.getLogger(KafkaWatch.class);
    private static final int MOST_MARKS = 600;
    /** After so many rounds the tracker has sent on, and committed, what it had added up for tenants. */
    private static final int ROUNDS_PER_FLUSH = 2;

    private final Admin admin;
    private final String applicationId;
    private final List<TopicPartition> inputs;
    private final List<TopicPartition> between;
    private final int mostTrailingMarkers;
    private final Clock clock;
    private final Deque<Mark> sessionMarks = new ArrayDeque<>();
    private final Deque<Mark> usageMarks = new ArrayDeque<>();
    private final Deque<Instant> flushing = new ArrayDeque<>();
    private final Thread thread;
    private final AtomicBoolean started = new AtomicBoolean();
    private volatile long answersSinceMillis = Long.MAX_VALUE;
    private volatile Instant sessionsAsOf;
    private volatile Instant usageAsOf;

    /** The ends of partitions, and up to when events are counted in once they are passed. */
    private record Mark(Instant at, Map<TopicPartition, Long> ends) {}

    /**
     * @param between topics between the steps, with their partitions
     * @param mostTrailingMarkers commit markers that may follow the last record of a partition: one per stream thread
     */
    public KafkaWatch(Admin admin, String applicationId, Map<String, Integer> inputs, Map<String, Integer> between,
            int mostTrailingMarkers, Clock clock) {
        this.admin = admin;
        this.applicationId = applicationId;
        this.inputs = partitions(inputs);
        this.between = partitions(between);
        this.mostTrailingMarkers = mostTrailingMarkers;
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
        return Optional.ofNullable(sessionsAsOf);
    }

    /** Up to when usage is known. */
    public Optional<Instant> usageAsOf() {
        return Optional.ofNullable(usageAsOf);
    }

    /** Ends the thread; the admin client is its maker's. */
    @Override
    public void close() {
        thread.interrupt();
    }

    private void run() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                look();
                Thread.sleep(INTERVAL.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException | RuntimeException e) {
                if (answersSinceMillis != Long.MAX_VALUE) {
                    LOG.warn("kafka does not answer reason={}", e.getMessage());
                    answersSinceMillis = Long.MAX_VALUE;
                }
            }
        }
    }

    /** One round of questions. */
    void look() throws InterruptedException, ExecutionException {
        Instant now = clock.instant();
        Map<TopicPartition, Long> committed = committed();
        Map<TopicPartition, Long> inputEnds = offsets(inputs, OffsetSpec.latest());
        Map<TopicPartition, Long> betweenEnds = offsets(between, OffsetSpec.latest());
        if (answersSinceMillis == Long.MAX_VALUE) {
            answersSinceMillis = now.toEpochMilli();
        }
        Instant usage = passed(usageMarks, committed, mostTrailingMarkers);
        if (usage != null) {
            usageAsOf = usage;
        }
        Instant sessions = passed(sessionMarks, committed, 0);
        if (sessions != null) {
            sessionsAsOf = sessions;
            flushing.addLast(sessions);
        }
        if (flushing.size() > ROUNDS_PER_FLUSH) {
            add(usageMarks, new Mark(flushing.removeFirst(), betweenEnds));
        }
        add(sessionMarks, new Mark(now, inputEnds));
    }

    private static void add(Deque<Mark> marks, Mark mark) {
        marks.addLast(mark);
        if (marks.size() > MOST_MARKS) {
            marks.removeFirst();
        }
    }

    /** Takes off the marks that were passed; the time of the newest, or null. */
    private static Instant passed(Deque<Mark> marks, Map<TopicPartition, Long> committed, int slack) {
        Instant newest = null;
        while (!marks.isEmpty() && isPassed(marks.peekFirst(), committed, slack)) {
            newest = marks.removeFirst().at();
        }
        return newest;
    }

    private static boolean isPassed(Mark mark, Map<TopicPartition, Long> committed, int slack) {
        return mark.ends().entrySet().stream()
                .allMatch(end -> committed.getOrDefault(end.getKey(), 0L) + slack >= end.getValue());
    }

    /** Committed offsets; where none is committed, the start of the partition: nothing before it can be read. */
    private Map<TopicPartition, Long> committed() throws InterruptedException, ExecutionException {
        Map<TopicPartition, OffsetAndMetadata> answer = admin
                .listConsumerGroupOffsets(applicationId, new ListConsumerGroupOffsetsOptions())
                .partitionsToOffsetAndMetadata().get();
        Map<TopicPartition, Long> committed = new HashMap<>();
        answer.forEach((partition, offset) -> {
            if (offset != null) {
                committed.put(partition, offset.offset());
            }
        });
        List<TopicPartition> unread = Stream.concat(inputs.stream(), between.stream())
                .filter(partition -> !committed.containsKey(partition)).toList();
        committed.putAll(offsets(unread, OffsetSpec.earliest()));
        return committed;
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
