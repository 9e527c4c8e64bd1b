package io.turnpike.telemetry.webhook;

import io.micrometer.core.instrument.MeterRegistry;
import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.SecretSeal;
import io.turnpike.contract.Topic;
import io.turnpike.contract.UserKey;
import io.turnpike.control.v1.Webhook;
import io.turnpike.control.v1.WebhookAction;
import io.turnpike.control.v1.WebhookCommand;
import io.turnpike.control.v1.WebhookProgress;
import io.turnpike.control.v1.WebhookSecret;
import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.CommandGateway;
import io.turnpike.telemetry.query.Freshness;
import io.turnpike.telemetry.query.Partitions;
import io.turnpike.telemetry.query.StoreUnavailable;
import io.turnpike.telemetry.query.WebhookEntry;
import io.turnpike.telemetry.query.WebhookQueries;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The webhooks of one process, put together: the book of all webhooks, the reader of audits, the deliveries and the sender.
 * Over several processes one consumer group gives each partition, and so each tenant, to one of them.
 */
public final class Webhooks implements WebhookQueries, AutoCloseable {
    /** Actor of what is decided here. */
    public static final String ACTOR = "webhooks";

    private static final Logger LOG = LoggerFactory.getLogger(Webhooks.class);
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final WebhookBook book;
    private final AuditReader reader;
    private final HttpSender sender;
    private final Producer<String, byte[]> producer;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "webhook-delivery");
        made.setDaemon(true);
        return made;
    });
    private final Clock clock;

    private Webhooks(Map<String, Object> clientSettings, String group, WebhookSettings settings, SecretSeal seal,
            CommandGateway commands, IntSupplier partitions, MeterRegistry meters, Clock clock) {
        this.clock = clock;
        book = new WebhookBook(clientSettings, clock);
        sender = new HttpSender(settings.targets(), settings.timeout());
        producer = producer(clientSettings);
        Deliveries deliveries = new Deliveries(new Process(commands, partitions, seal),
                new Backoff(settings.firstBackoff(), settings.longestBackoff(),
                        () -> ThreadLocalRandom.current().nextDouble()),
                settings.retryFor(), new WebhookMetrics(meters));
        reader = new AuditReader(clientSettings, group, book, () -> partitions.getAsInt() > 0, deliveries, thread);
        book.start(() -> thread.execute(deliveries::follow));
        reader.start();
    }

    /**
     * Starts to serve; Kafka need not be there yet.
     *
     * @param clientSettings bootstrap servers and security
     * @param group consumer group, one for the cluster
     * @param partitions of the audit topic; 0 while that is not known
     */
    public static Webhooks start(Map<String, Object> clientSettings, String group, WebhookSettings settings,
            SecretSeal seal, CommandGateway commands, IntSupplier partitions, MeterRegistry meters, Clock clock) {
        return new Webhooks(clientSettings, group, settings, seal, commands, partitions, meters, clock);
    }

    @Override
    public Answer<List<WebhookEntry>> webhooks(String tenantId) {
        Instant asOf = book.asOf()
                .orElseThrow(() -> new StoreUnavailable("the webhooks are not read yet", RETRY_AFTER));
        List<WebhookEntry> entries = book.webhooks(tenantId).stream()
                .map(webhook -> entry(webhook, book.progress(tenantId, webhook.getName()))).toList();
        return new Answer<>(entries,
                Freshness.complete(asOf, Math.max(0, Duration.between(asOf, clock.instant()).toMillis())));
    }

    private static WebhookEntry entry(Webhook webhook, Optional<WebhookProgress> progress) {
        return new WebhookEntry(webhook.getName(), webhook.getVersion(), webhook.getUrl(),
                webhook.getSecrets().stream().map(WebhookSecret::getId).toList(), webhook.getEvents(),
                webhook.getStatus(), webhook.getDisabledReason(), webhook.getUpdatedAt(),
                progress.map(known -> new WebhookEntry.Delivery(known.getDelivered(), known.getGivenUp(),
                        known.getFailures(), Optional.ofNullable(known.getFailingSince()), known.getLastEventId(),
                        Optional.ofNullable(known.getLastAttemptAt()), Optional.ofNullable(known.getLastSuccessAt()),
                        known.getLastStatus(), known.getLastError(), Optional.ofNullable(known.getNextAttemptAt()))));
    }

    /** Lets requests under way end, for two seconds at most, and gives the partitions back. */
    @Override
    public void close() {
        reader.close();
        book.close();
        thread.shutdownNow();
        sender.close();
        producer.close(Duration.ofSeconds(1));
    }

    private static Producer<String, byte[]> producer(Map<String, Object> clientSettings) {
        Map<String, Object> settings = new HashMap<>(clientSettings);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 500L);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        return new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
    }

    /** What the deliveries need, out of this process. */
    private final class Process implements Deliveries.Surroundings {
        private final CommandGateway commands;
        private final IntSupplier partitions;
        private final SecretSeal seal;

        private Process(CommandGateway commands, IntSupplier partitions, SecretSeal seal) {
            this.commands = commands;
            this.partitions = partitions;
            this.seal = seal;
        }

        @Override
        public List<Webhook> webhooks() {
            return book.all();
        }

        @Override
        public Optional<WebhookProgress> progress(String tenantId, String name) {
            return book.progress(tenantId, name);
        }

        @Override
        public void keep(String tenantId, String name, WebhookProgress progress) {
            try {
                producer.send(new ProducerRecord<>(Topic.WEBHOOK_PROGRESS.topicName(), partitionOf(tenantId),
                        new UserKey(tenantId, name).text(), progress == null ? null : RecordCodec.encode(progress)),
                        (metadata, failure) -> {
                            if (failure != null) {
                                LOG.debug("progress of a webhook was not kept", failure);
                            }
                        });
            } catch (KafkaException e) {
                LOG.debug("progress of a webhook was not kept", e);
            }
        }

        @Override
        public CompletionStage<Attempt> post(URI url, String id, long epochSeconds, String signature, byte[] body) {
            return sender.post(url, id, epochSeconds, signature, body);
        }

        @Override
        public void command(Webhook webhook, WebhookAction action, String reason) {
            LOG.warn("webhook {} tenantId={} webhook={} reason={}",
                    action == WebhookAction.DISABLE ? "is disabled" : "is dead", webhook.getTenantId(),
                    webhook.getName(), reason);
            commands.submit(WebhookCommand.newBuilder().setCommandId(UUID.randomUUID().toString())
                    .setTenantId(webhook.getTenantId()).setName(webhook.getName()).setActor(ACTOR)
                    .setIssuedAt(clock.instant()).setIfMatch(webhook.getVersion()).setAction(action)
                    .setReason(reason).build()).whenComplete(
                            (outcome, failure) -> LOG
                                    .info("webhook command action={} webhook={} outcome={}", action, webhook.getName(),
                                            failure == null ? outcome : failure));
        }

        @Override
        public int partitionOf(String tenantId) {
            int known = partitions.getAsInt();
            if (known == 0) {
                throw new IllegalStateException("the partitions of the audit topic are not known yet");
            }
            return Partitions.of(tenantId, known);
        }

        @Override
        public ScheduledExecutorService thread() {
            return thread;
        }

        @Override
        public SecretSeal seal() {
            return seal;
        }

        @Override
        public Clock clock() {
            return clock;
        }
    }
}
