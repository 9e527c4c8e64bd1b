package io.turnpike.node.kafka;

import io.turnpike.contract.Topic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control thread: reads tenants, policies, grants, shares and revocations from their beginning and goes on reading them. It
 * has no group; every relay reads every partition. Only committed records count: a grant of a transaction that was
 * aborted never was (DESIGN section 8).
 */
final class ControlConsumer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlConsumer.class);
    private static final List<Topic> TOPICS = List.of(Topic.TENANT, Topic.QUOTA_POLICY, Topic.QUOTA_GRANT,
            Topic.QUOTA_SHARE, Topic.REVOCATION);
    private static final Map<String, Topic> BY_NAME = TOPICS.stream()
            .collect(Collectors.toUnmodifiableMap(Topic::topicName, Function.identity()));
    /** Read before anything else: whoever is known as a tenant must not pass for one without a policy or revocations. */
    private static final Set<Topic> FIRST = EnumSet.of(Topic.QUOTA_POLICY, Topic.REVOCATION);
    /** Topics that are written all the time. */
    private static final Set<Topic> ENDLESS = EnumSet.of(Topic.QUOTA_GRANT, Topic.QUOTA_SHARE);
    private static final Duration POLL = Duration.ofMillis(200);
    /** Records and the close end a poll at once: between them there is nothing to wake for. */
    private static final Duration CAUGHT_UP_POLL = Duration.ofSeconds(2);
    private static final long PAUSE_MILLIS = 1_000;
    private static final Duration CLOSE_WITHIN = Duration.ofMillis(500);
    private static final long SNAPSHOT_NANOS = 2_000_000_000L;

    private final Map<String, Object> settings;
    private final TopicSetup topics;
    private final ControlState state;
    private final ControlSnapshot snapshot;
    private final Thread thread = new Thread(this::run, "turnpike-control");
    private volatile Consumer<byte[], byte[]> consumer;
    private volatile boolean closing;
    private volatile boolean caughtUp;
    private long savedAtNanos = System.nanoTime();

    ControlConsumer(Map<String, Object> settings, TopicSetup topics, ControlState state, ControlSnapshot snapshot) {
        this.settings = settings;
        this.topics = topics;
        this.state = state;
        this.snapshot = snapshot;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Whether everything that was written before the start has been read. */
    boolean isCaughtUp() {
        return caughtUp;
    }

    private void run() {
        try {
            while (!closing && !topics.awaitReady(PAUSE_MILLIS)) {
                // Kafka is away: the snapshot holds meanwhile
            }
            while (!closing) {
                readOnce();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            saveIfChanged();
        }
    }

    private void readOnce() throws InterruptedException {
        try {
            Consumer<byte[], byte[]> made = new KafkaConsumer<>(settings, new ByteArrayDeserializer(),
                    new ByteArrayDeserializer());
            consumer = made;
            try {
                read(made);
            } finally {
                consumer = null;
                // With Kafka away a consumer would wait half a minute for an answer to its farewell.
                made.close(CloseOptions.timeout(CLOSE_WITHIN));
            }
        } catch (WakeupException e) {
            LOG.debug("control reader woken closing={}", closing);
        } catch (KafkaException e) {
            LOG.warn("control topics cannot be read, beginning again reason=\"{}\"", e.getMessage());
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    /** Reads all topics, and goes on until this is closed. */
    void read(Consumer<byte[], byte[]> from) {
        List<TopicPartition> partitions = TOPICS.stream().flatMap(topic -> from.partitionsFor(topic.topicName())
                .stream().map(info -> new TopicPartition(info.topic(), info.partition()))).toList();
        from.assign(partitions);
        from.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = new HashMap<>(from.endOffsets(partitions));
        state.beginReading();
        List<TopicPartition> held = partitions.stream()
                .filter(partition -> !FIRST.contains(BY_NAME.get(partition.topic()))).toList();
        from.pause(held);
        boolean reading = true;
        while (!closing) {
            for (ConsumerRecord<byte[], byte[]> record : from.poll(reading ? POLL : CAUGHT_UP_POLL)) {
                apply(record);
            }
            if (reading) {
                ends.entrySet().removeIf(end -> from.position(end.getKey()) >= end.getValue());
                if (!from.paused().isEmpty() && from.paused().containsAll(ends.keySet())) {
                    from.resume(held);
                }
                if (ends.isEmpty()) {
                    ends = newEnds(from, partitions);
                }
                if (ends.isEmpty()) {
                    reading = false;
                    state.endReading();
                    caughtUp = true;
                    LOG.info("control topics are read up to date records={}", state.entries().size());
                }
            } else if (System.nanoTime() - savedAtNanos > SNAPSHOT_NANOS) {
                saveIfChanged();
            }
        }
    }

    /**
     * Where there is more to read by now. A record that was replaced since the reading began may have been compacted away
     * before it was reached, and what replaced it lies behind the old end: only whoever stands at the end of a moment has
     * missed nothing. Grants and shares never stop coming, and are not missed.
     */
    private static Map<TopicPartition, Long> newEnds(Consumer<byte[], byte[]> from, List<TopicPartition> partitions) {
        Map<TopicPartition, Long> ends = new HashMap<>(from.endOffsets(partitions.stream()
                .filter(partition -> !ENDLESS.contains(BY_NAME.get(partition.topic()))).toList()));
        ends.entrySet().removeIf(end -> from.position(end.getKey()) >= end.getValue());
        return ends;
    }

    private void apply(ConsumerRecord<byte[], byte[]> record) {
        if (record.key() != null) {
            state.apply(BY_NAME.get(record.topic()), new String(record.key(), StandardCharsets.UTF_8), record.value());
        }
    }

    private void saveIfChanged() {
        savedAtNanos = System.nanoTime();
        if (caughtUp && state.takeChanged()) {
            try {
                snapshot.save(state.entries());
            } catch (IOException e) {
                LOG.warn("the control snapshot cannot be written to node.data-dir reason=\"{}\"", e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        closing = true;
        Consumer<byte[], byte[]> open = consumer;
        if (open != null) {
            open.wakeup();
        }
        try {
            thread.join(3_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
