package io.turnpike.telemetry.webhook;

import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.Topic;
import io.turnpike.contract.UserKey;
import io.turnpike.contract.WebhookRules;
import io.turnpike.control.v1.Webhook;
import io.turnpike.control.v1.WebhookProgress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every webhook and its progress, as the two compacted topics have them: each instance reads both whole, so that each can
 * answer for all and take over from any. One thread reads; reading the book is thread-safe.
 */
final class WebhookBook implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WebhookBook.class);
    private static final List<Topic> TOPICS = List.of(Topic.WEBHOOK, Topic.WEBHOOK_PROGRESS);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long RECONNECT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Map<String, Object> clientSettings;
    private final Thread thread = new Thread(this::run, "webhook-book");
    private final Queue<CompletableFuture<Void>> asked = new ConcurrentLinkedQueue<>();
    /** By tenant, then by name. Guards itself and {@link #progress}. */
    private final Map<String, TreeMap<String, Webhook>> webhooks = new HashMap<>();
    private final Map<UserKey, WebhookProgress> progress = new HashMap<>();
    private final Clock clock;
    private volatile Instant asOf;
    private volatile boolean closed;
    private volatile Runnable onChange = () -> {};
    private volatile Consumer<String, byte[]> consumer;

    WebhookBook(Map<String, Object> clientSettings, Clock clock) {
        this.clock = clock;
        this.clientSettings = Map.copyOf(clientSettings);
        thread.setDaemon(true);
    }

    /** @param listener called by the reading thread after webhooks changed */
    void start(Runnable listener) {
        onChange = listener;
        thread.start();
    }

    /** Whether the topics were read to their ends once, so that what is not in the book is not there. */
    boolean isWhole() {
        return asOf != null;
    }

    /** Up to when everything is in the book; empty before it {@link #isWhole}. */
    Optional<Instant> asOf() {
        return Optional.ofNullable(asOf);
    }

    /** The tenant's webhooks, by name. */
    List<Webhook> webhooks(String tenantId) {
        synchronized (webhooks) {
            return List.copyOf(webhooks.getOrDefault(tenantId, new TreeMap<>()).values());
        }
    }

    /** All webhooks. */
    List<Webhook> all() {
        synchronized (webhooks) {
            return webhooks.values().stream().flatMap(each -> each.values().stream()).toList();
        }
    }

    /** How a webhook fares, if anything was ever written of it. */
    Optional<WebhookProgress> progress(String tenantId, String name) {
        synchronized (webhooks) {
            return Optional.ofNullable(progress.get(new UserKey(tenantId, name)));
        }
    }

    /**
     * Reads on to what the topics hold now, open transactions included.
     *
     * @return whether that was reached in time
     */
    boolean catchUp(Duration patience) throws InterruptedException {
        CompletableFuture<Void> reached = new CompletableFuture<>();
        asked.add(reached);
        try {
            reached.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException | ExecutionException e) {
            return false;
        } finally {
            asked.remove(reached);
        }
    }

    private void run() {
        while (!closed) {
            try (Consumer<String, byte[]> committed = consumer("read_committed");
                    Consumer<String, byte[]> ends = consumer("read_uncommitted")) {
                consumer = committed;
                List<TopicPartition> partitions = partitions(committed);
                if (!closed && !partitions.isEmpty()) {
                    committed.assign(partitions);
                    ends.assign(partitions); // it never polls; Kafka warns of answers about what is not assigned
                    committed.seekToBeginning(partitions);
                    readToEnd(committed, ends, partitions);
                    LOG.info("webhooks known number={}", all().size());
                    follow(committed, ends, partitions);
                }
            } catch (WakeupException e) {
                return;
            } catch (KafkaException e) {
                LOG.warn("webhooks cannot be read, trying again reason={}", e.toString());
            }
            LockSupport.parkNanos(this, RECONNECT_NANOS);
        }
    }

    private void follow(Consumer<String, byte[]> committed, Consumer<String, byte[]> ends,
            Collection<TopicPartition> partitions) {
        long next = System.nanoTime();
        while (!closed) {
            List<CompletableFuture<Void>> waiting = List.copyOf(asked);
            if (waiting.isEmpty() && System.nanoTime() - next < 0) {
                take(committed);
            } else {
                readToEnd(committed, ends, partitions);
                waiting.forEach(each -> each.complete(null));
                asked.removeAll(waiting);
                next = System.nanoTime() + LOOK_NANOS;
            }
        }
    }

    /** Reads to the ends that hold uncommitted records too: behind an open transaction others may have committed. */
    private void readToEnd(Consumer<String, byte[]> committed, Consumer<String, byte[]> ends,
            Collection<TopicPartition> partitions) {
        Instant before = clock.instant();
        Map<TopicPartition, Long> now = ends.endOffsets(partitions);
        while (!closed && !now.keySet().stream().allMatch(each -> committed.position(each) >= now.get(each))) {
            take(committed);
        }
        asOf = before;
    }

    private void take(Consumer<String, byte[]> committed) {
        boolean changed = false;
        for (ConsumerRecord<String, byte[]> record : committed.poll(POLL)) {
            changed |= take(record);
        }
        if (changed) {
            onChange.run();
        }
    }

    /** Takes up one record; says whether the webhooks may have changed. */
    boolean take(ConsumerRecord<String, byte[]> record) {
        Optional<UserKey> key = Optional.ofNullable(record.key()).flatMap(UserKey::parse);
        if (key.isEmpty()) {
            return false;
        }
        SpecificRecord value = value(record);
        boolean isWebhook = record.topic().equals(Topic.WEBHOOK.topicName());
        synchronized (webhooks) {
            if (!isWebhook) {
                if (value instanceof WebhookProgress known) {
                    progress.put(key.get(), known);
                } else if (record.value() == null) {
                    progress.remove(key.get());
                }
            } else if (value instanceof Webhook webhook) {
                put(key.get(), webhook, record);
            } else if (record.value() == null) {
                Optional.ofNullable(webhooks.get(key.get().tenantId()))
                        .ifPresent(ofTenant -> ofTenant.remove(key.get().userId()));
                webhooks.remove(key.get().tenantId(), new TreeMap<String, Webhook>());
            }
        }
        return isWebhook;
    }

    /** The ledger writes none that cannot be sent to, and each under its own key: another's is not believed. */
    private void put(UserKey key, Webhook webhook, ConsumerRecord<String, byte[]> record) {
        if (!key.equals(new UserKey(webhook.getTenantId(), webhook.getName()))
                || WebhookRules.url(webhook.getUrl()).isEmpty()) {
            LOG.warn("a record of webhooks is not one that the ledger writes topic={} partition={} offset={}",
                    record.topic(), record.partition(), record.offset());
            return;
        }
        webhooks.computeIfAbsent(key.tenantId(), tenant -> new TreeMap<>()).put(key.userId(), webhook);
    }

    private static SpecificRecord value(ConsumerRecord<String, byte[]> record) {
        if (record.value() == null) {
            return null;
        }
        if (RecordCodec.decode(record.value()) instanceof RecordCodec.Decoded.Good good) {
            return good.record();
        }
        LOG.warn("a record of webhooks cannot be read topic={} partition={} offset={}", record.topic(),
                record.partition(), record.offset());
        return null;
    }

    private static List<TopicPartition> partitions(Consumer<String, byte[]> consumer) {
        List<TopicPartition> all = TOPICS.stream().flatMap(topic -> ofTopic(consumer, topic)).toList();
        long topics = all.stream().map(TopicPartition::topic).distinct().count();
        return topics == TOPICS.size() ? all : List.of();
    }

    private static Stream<TopicPartition> ofTopic(Consumer<String, byte[]> consumer, Topic topic) {
        List<PartitionInfo> known = consumer.partitionsFor(topic.topicName());
        return known == null
                ? Stream.empty()
                : known.stream().map(each -> new TopicPartition(each.topic(), each.partition()));
    }

    private Consumer<String, byte[]> consumer(String isolation) {
        Map<String, Object> settings = new HashMap<>(clientSettings);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 5_000);
        settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 4_000);
        return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public void close() {
        closed = true;
        Consumer<String, byte[]> reading = consumer;
        if (reading != null) {
            reading.wakeup();
        }
        try {
            thread.join(TimeUnit.SECONDS.toMillis(2));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
