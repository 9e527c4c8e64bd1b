package io.turnpike.telemetry.webhook;

import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.Topic;
import io.turnpike.control.v1.CommandKind;
import io.turnpike.control.v1.QuotaAudit;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the committed audits of the partitions that the consumer group gives to this instance, and hands them to
 * {@link Deliveries}. The group's offset of a partition is the place from which it must be read again after a restart: what
 * one webhook has not taken yet holds it back, and how far each webhook is by itself keeps others from getting it twice.
 * One thread.
 */
final class AuditReader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AuditReader.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration BOOK_PATIENCE = Duration.ofSeconds(5);
    private static final Duration DRAIN_PATIENCE = Duration.ofSeconds(2);
    private static final long HOUSEKEEPING_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long RECONNECT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Map<String, Object> clientSettings;
    private final String group;
    private final WebhookBook book;
    private final BooleanSupplier topicsKnown;
    private final Deliveries deliveries;
    private final ExecutorService deliveryThread;
    private final Thread thread = new Thread(this::run, "webhook-audits");
    /** Partitions that are ours; those in {@link #waiting} are not served before the book is up to date. */
    private final Set<TopicPartition> ours = new HashSet<>();
    private final Set<TopicPartition> waiting = new HashSet<>();
    private final Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
    private volatile Consumer<String, byte[]> consumer;
    private volatile boolean closed;

    /** @param topicsKnown whether it is known which tenant is on which partition */
    AuditReader(Map<String, Object> clientSettings, String group, WebhookBook book, BooleanSupplier topicsKnown,
            Deliveries deliveries, ExecutorService deliveryThread) {
        this.topicsKnown = topicsKnown;
        this.clientSettings = Map.copyOf(clientSettings);
        this.group = group;
        this.book = book;
        this.deliveries = deliveries;
        this.deliveryThread = deliveryThread;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        while (!closed && !(book.isWhole() && topicsKnown.getAsBoolean())) {
            LockSupport.parkNanos(this, RECONNECT_NANOS / 4); // an audit of no known webhook would be passed over
        }
        while (!closed) {
            try (Consumer<String, byte[]> audits = consumer()) {
                consumer = audits;
                audits.subscribe(List.of(Topic.QUOTA_AUDIT.topicName()), new Ownership());
                read(audits);
            } catch (WakeupException e) {
                LOG.debug("reading of audits ends");
            } catch (KafkaException | ExecutionException | TimeoutException e) {
                LOG.warn("audits cannot be read for webhooks, trying again reason={}", e.toString());
            } catch (InterruptedException e) {
                return;
            } finally {
                ours.clear();
                waiting.clear();
                committed.clear();
            }
            LockSupport.parkNanos(this, closed ? 1 : RECONNECT_NANOS);
        }
    }

    private void read(Consumer<String, byte[]> audits)
            throws InterruptedException, ExecutionException, TimeoutException {
        long next = System.nanoTime();
        while (!closed) {
            takeOver(audits);
            ConsumerRecords<String, byte[]> records = audits.poll(POLL);
            for (TopicPartition partition : records.partitions()) {
                hand(audits, partition, records.records(partition));
            }
            if (System.nanoTime() - next >= 0) {
                next = System.nanoTime() + HOUSEKEEPING_NANOS;
                catchUp(audits);
                commit(audits);
                onDeliveryThread(deliveries::measure);
            }
        }
        audits.unsubscribe(); // gives the partitions back, and so commits
    }

    /** Begins to serve partitions once the book holds what their last owner wrote. */
    private void takeOver(Consumer<String, byte[]> audits)
            throws InterruptedException, ExecutionException, TimeoutException {
        if (waiting.isEmpty()) {
            return;
        }
        if (!book.isWhole() || !book.catchUp(BOOK_PATIENCE)) {
            audits.pause(waiting);
            return;
        }
        Set<Integer> more = numbers(waiting);
        onDeliveryThread(() -> deliveries.assign(more));
        audits.resume(waiting);
        waiting.clear();
    }

    private void hand(Consumer<String, byte[]> audits, TopicPartition partition,
            List<ConsumerRecord<String, byte[]>> records)
            throws InterruptedException, ExecutionException, TimeoutException {
        List<Event> events = records.stream().flatMap(record -> event(record).stream()).toList();
        boolean hasNewWebhook = events.stream()
                .anyMatch(event -> event.audit().getCommand() == CommandKind.PUT_WEBHOOK);
        if (hasNewWebhook && !book.catchUp(BOOK_PATIENCE)) {
            audits.seek(partition, records.get(0).offset()); // what comes behind it is for the new one too
            return;
        }
        onDeliveryThread(() -> {
            if (hasNewWebhook) {
                deliveries.follow();
            }
            events.forEach(deliveries::offer);
        });
    }

    private static Optional<Event> event(ConsumerRecord<String, byte[]> record) {
        if (RecordCodec.decode(record.value()) instanceof RecordCodec.Decoded.Good good
                && good.record() instanceof QuotaAudit audit) {
            return Event.of(record.partition(), record.offset(), audit);
        }
        LOG.warn("an audit cannot be read and goes to no webhook partition={} offset={}", record.partition(),
                record.offset());
        return Optional.empty();
    }

    /** Goes back where endpoints have room for what did not fit. */
    private void catchUp(Consumer<String, byte[]> audits)
            throws InterruptedException, ExecutionException, TimeoutException {
        Set<Integer> served = numbers(served(ours));
        askDeliveryThread(() -> deliveries.catchUp(served)).forEach((number, from) -> {
            TopicPartition partition = new TopicPartition(Topic.QUOTA_AUDIT.topicName(), number);
            if (from < audits.position(partition)) {
                audits.seek(partition, from);
            }
        });
    }

    private void commit(Consumer<String, byte[]> audits)
            throws InterruptedException, ExecutionException, TimeoutException {
        Map<TopicPartition, OffsetAndMetadata> floors = floors(audits, ours);
        floors.entrySet().removeIf(each -> each.getValue().equals(committed.put(each.getKey(), each.getValue())));
        if (!floors.isEmpty()) {
            audits.commitAsync(floors, (offsets, failure) -> {
                if (failure != null) {
                    LOG.debug("offsets of webhooks were not committed", failure);
                }
            });
        }
    }

    /** From where each of the partitions must be read again after a restart, as far as they are served. */
    private Map<TopicPartition, OffsetAndMetadata> floors(Consumer<String, byte[]> audits,
            Collection<TopicPartition> partitions) throws InterruptedException, ExecutionException, TimeoutException {
        Map<Integer, Long> next = new HashMap<>();
        served(partitions).forEach(partition -> next.put(partition.partition(), audits.position(partition)));
        Map<TopicPartition, OffsetAndMetadata> floors = new HashMap<>();
        askDeliveryThread(() -> deliveries.floors(next)).forEach((number, floor) -> floors
                .put(new TopicPartition(Topic.QUOTA_AUDIT.topicName(), number), new OffsetAndMetadata(floor)));
        return floors;
    }

    private List<TopicPartition> served(Collection<TopicPartition> partitions) {
        return partitions.stream().filter(partition -> !waiting.contains(partition)).toList();
    }

    private void onDeliveryThread(Runnable task) throws InterruptedException, ExecutionException, TimeoutException {
        askDeliveryThread(Executors.callable(task));
    }

    private <T> T askDeliveryThread(Callable<T> task)
            throws InterruptedException, ExecutionException, TimeoutException {
        return deliveryThread.submit(task).get(BOOK_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static Set<Integer> numbers(Collection<TopicPartition> partitions) {
        return partitions.stream().map(TopicPartition::partition).collect(Collectors.toSet());
    }

    /** Takes and gives partitions, within a poll. */
    private final class Ownership implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            ours.addAll(partitions);
            waiting.addAll(partitions);
            consumer.pause(partitions);
        }

        /** Lets requests under way come to their end, so that the next owner does not repeat them. */
        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            try {
                onDeliveryThread(deliveries::hold);
                long deadline = System.nanoTime() + DRAIN_PATIENCE.toNanos();
                while (!askDeliveryThread(deliveries::isQuiet) && System.nanoTime() - deadline < 0) {
                    LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(20));
                }
                consumer.commitSync(floors(consumer, partitions), DRAIN_PATIENCE);
            } catch (KafkaException | ExecutionException | TimeoutException e) {
                LOG.warn("offsets of webhooks were not committed; some events may be sent twice reason={}",
                        e.toString());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            onPartitionsLost(partitions);
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            ours.removeAll(partitions);
            waiting.removeAll(partitions);
            partitions.forEach(committed::remove);
            deliveryThread.execute(() -> deliveries.revoke(numbers(partitions)));
        }
    }

    private Consumer<String, byte[]> consumer() {
        Map<String, Object> settings = new HashMap<>(clientSettings);
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 5_000);
        settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 4_000);
        settings.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 12_000);
        settings.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 3_000);
        return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join(TimeUnit.SECONDS.toMillis(6));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
