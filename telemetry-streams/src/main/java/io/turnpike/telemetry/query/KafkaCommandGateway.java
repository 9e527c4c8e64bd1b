package io.turnpike.telemetry.query;

import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.Topic;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.TenantCommand;
import io.turnpike.control.v1.WebhookCommand;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands commands to the ledger over Kafka and brings back its decisions: a producer to the command topic, and a reader
 * of committed audits that completes the writers by command id. Thread-safe. Neither a caller nor a failing Kafka waits
 * on the other: sends happen on one thread, audits are read on another.
 */
public final class KafkaCommandGateway implements CommandGateway, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaCommandGateway.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(2);
    private static final long RECONNECT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Map<String, Object> clientSettings;
    private final Duration patience;
    private final Producer<String, byte[]> producer;
    private final Map<String, CompletableFuture<CommandOutcome>> waiting = new ConcurrentHashMap<>();
    private final CompletableFuture<Void> listening = new CompletableFuture<>();
    private final ExecutorService sender = Executors.newSingleThreadExecutor(task -> thread(task, "command-sender"));
    private final Thread listener = thread(this::listen, "audit-listener");
    private volatile Consumer<String, byte[]> consumer;
    private volatile boolean closed;

    private KafkaCommandGateway(Map<String, Object> clientSettings, Duration patience) {
        this.clientSettings = Map.copyOf(clientSettings);
        this.patience = patience;
        this.producer = producer();
    }

    /**
     * Starts the two threads. Kafka need not be there yet.
     *
     * @param clientSettings bootstrap servers and security
     * @param patience how long a writer waits for a decision
     */
    public static KafkaCommandGateway start(Map<String, Object> clientSettings, Duration patience) {
        KafkaCommandGateway gateway = new KafkaCommandGateway(clientSettings, patience);
        gateway.listener.start();
        return gateway;
    }

    @Override
    public CompletionStage<CommandOutcome> submit(TenantCommand command) {
        return submit(command.getCommandId(), command.getTenantId(), command);
    }

    @Override
    public CompletionStage<CommandOutcome> submit(WebhookCommand command) {
        return submit(command.getCommandId(), command.getTenantId(), command);
    }

    private CompletionStage<CommandOutcome> submit(String commandId, String tenantId, SpecificRecord command) {
        CompletableFuture<CommandOutcome> outcome = new CompletableFuture<>();
        waiting.put(commandId, outcome);
        listening.thenRunAsync(() -> send(tenantId, command, outcome), sender).exceptionally(failure -> {
            LOG.error("a command could not be handed over tenantId={}", tenantId, failure);
            outcome.completeExceptionally(unavailable("the command could not be handed over"));
            return null;
        });
        return outcome.orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS).handle((decided, failure) -> {
            waiting.remove(commandId);
            if (failure instanceof TimeoutException) {
                throw unavailable("no decision arrived within " + patience.toMillis() + " ms");
            }
            if (failure instanceof StoreUnavailable known) {
                throw known;
            }
            if (failure != null) {
                throw unavailable("the command failed: " + failure.getMessage());
            }
            return decided;
        });
    }

    private void send(String tenantId, SpecificRecord command, CompletableFuture<CommandOutcome> outcome) {
        if (outcome.isDone()) {
            return; // nobody waits any more: a write that was answered with a failure must not happen later
        }
        producer.send(
                new ProducerRecord<>(Topic.COMMAND.topicName(), tenantId, RecordCodec.encode(command)),
                (metadata, failure) -> {
                    if (failure != null) {
                        outcome.completeExceptionally(unavailable("the command was not accepted: "
                                + failure.getClass().getSimpleName()));
                    }
                });
    }

    private void listen() {
        while (!closed) {
            try (Consumer<String, byte[]> audits = consumer()) {
                consumer = audits;
                if (!closed && seekToEnd(audits)) {
                    listening.complete(null);
                    while (!closed) {
                        audits.poll(POLL).forEach(this::take);
                    }
                }
            } catch (WakeupException e) {
                return;
            } catch (KafkaException e) {
                LOG.warn("audits cannot be read, trying again", e);
            }
            LockSupport.parkNanos(this, RECONNECT_NANOS);
        }
    }

    private static boolean seekToEnd(Consumer<String, byte[]> audits) {
        List<PartitionInfo> partitions = audits.partitionsFor(Topic.QUOTA_AUDIT.topicName());
        if (partitions == null || partitions.isEmpty()) {
            return false;
        }
        List<TopicPartition> all = partitions.stream()
                .map(partition -> new TopicPartition(partition.topic(), partition.partition())).toList();
        audits.assign(all);
        audits.seekToEnd(all);
        all.forEach(audits::position);
        return true;
    }

    private void take(ConsumerRecord<String, byte[]> record) {
        if (RecordCodec.decode(record.value()) instanceof RecordCodec.Decoded.Good good
                && good.record() instanceof QuotaAudit audit) {
            CompletableFuture<CommandOutcome> outcome = waiting.get(audit.getCommandId());
            if (outcome != null) {
                outcome.complete(outcomeOf(audit));
            }
        }
    }

    static CommandOutcome outcomeOf(QuotaAudit audit) {
        if (audit.getKind() == AuditKind.COMMAND_APPLIED) {
            return new CommandOutcome.Applied(audit.getVersion(), audit.getCreated());
        }
        String prefix = audit.getField() + ' ';
        String reason = audit.getReason();
        return switch (audit.getRefusal()) {
            case VERSION_MISMATCH -> new CommandOutcome.PreconditionFailed(audit.getVersion(), reason);
            case NOT_FOUND -> new CommandOutcome.Missing(reason);
            case INVALID, NONE, UNKNOWN -> new CommandOutcome.Invalid(audit.getField(),
                    reason.startsWith(prefix) ? reason.substring(prefix.length()) : reason);
        };
    }

    private Producer<String, byte[]> producer() {
        Map<String, Object> settings = new HashMap<>(clientSettings);
        settings.put(ProducerConfig.CLIENT_ID_CONFIG, "command-gateway");
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, patience.toMillis());
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) patience.toMillis());
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) patience.toMillis());
        return new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
    }

    private Consumer<String, byte[]> consumer() {
        Map<String, Object> settings = new HashMap<>(clientSettings);
        settings.put(ConsumerConfig.CLIENT_ID_CONFIG, "audit-listener");
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 100);
        return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    }

    private static Thread thread(Runnable task, String name) {
        Thread thread = new Thread(task, "turnpike-" + name);
        thread.setDaemon(true);
        return thread;
    }

    private static StoreUnavailable unavailable(String message) {
        return new StoreUnavailable(message + "; it may still be carried out", RETRY_AFTER);
    }

    /** Ends both threads; who still waits is told that no decision arrived. */
    @Override
    public void close() {
        closed = true;
        Consumer<String, byte[]> current = consumer;
        if (current != null) {
            current.wakeup();
        }
        LockSupport.unpark(listener);
        sender.shutdownNow();
        producer.close(Duration.ZERO);
        waiting.values().forEach(outcome -> outcome.completeExceptionally(unavailable("the program is stopping")));
        try {
            listener.join(TimeUnit.SECONDS.toMillis(2));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
