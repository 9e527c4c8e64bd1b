package io.turnpike.node.kafka;

import io.turnpike.contract.SecretSeal;
import io.turnpike.node.auth.TenantDirectory;
import io.turnpike.node.config.HostAndPort;
import io.turnpike.node.config.RelayConfig.KafkaConfig;
import io.turnpike.node.event.EventBuffer;
import io.turnpike.node.event.EventPriority;
import io.turnpike.node.event.NodeIdentity;
import io.turnpike.node.quota.QuotaTable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * The node's link to Kafka: topics, publisher and control reader, started together. None of it waits for Kafka, and
 * nothing of the relay waits for it.
 */
public final class KafkaLink implements AutoCloseable {
    private static final String SPOOL_DIR = "spool";
    private static final String SNAPSHOT_FILE = "control.snapshot";

    private final TopicSetup topics;
    private final EventPublisher publisher;
    private final ControlConsumer control;
    private final ControlState state;
    private final AnnouncedBrokers brokers;
    private final EventAccount events;

    /**
     * What the link works on.
     *
     * @param node identity of this start
     * @param dataDir {@code node.data-dir}
     * @param seal cluster key
     * @param buffer events to publish; this link is its only drainer
     * @param tenants takes tenants of the control topics
     * @param quotas takes policies and grants
     * @param clock the one by which events are timed
     * @param longestInterval how long before it is made an event may begin: what lies between two samples of an allocation
     */
    public record Parts(NodeIdentity node, Path dataDir, SecretSeal seal, EventBuffer buffer, TenantDirectory tenants,
            QuotaTable quotas, Clock clock, Duration longestInterval) {}

    private KafkaLink(KafkaConfig config, Parts parts) throws IOException {
        brokers = new AnnouncedBrokers(clientSettings(config, parts.node()));
        topics = new TopicSetup(clientSettings(config, parts.node()), config.maxPartitions(),
                config.replicationFactor());
        Spool spool = Spool.open(parts.dataDir().resolve(SPOOL_DIR), config.spoolMaxBytes());
        events = new EventAccount(parts.buffer().tally(), parts.clock(), parts.longestInterval());
        publisher = new EventPublisher(parts.buffer(), events, new AvroMapping(parts.node(), this::figures), spool,
                new KafkaSender(producerSettings(config, parts.node())), topics::isReady, System::nanoTime);
        state = new ControlState(new ControlMapping(parts.seal()), parts.tenants(), parts.quotas());
        ControlSnapshot snapshot = new ControlSnapshot(parts.dataDir().resolve(SNAPSHOT_FILE), parts.seal(),
                parts.node().nodeId());
        state.restore(snapshot.load());
        control = new ControlConsumer(consumerSettings(config, parts.node()), topics, state, snapshot);
    }

    /**
     * Starts the link and returns at once, whether Kafka is there or not. The tenants of the last run's snapshot are in
     * the directory when this returns.
     *
     * @throws IOException if {@code node.data-dir} cannot be used
     */
    public static KafkaLink start(KafkaConfig config, Parts parts) throws IOException {
        KafkaLink link = new KafkaLink(config, parts);
        link.topics.start();
        link.publisher.start();
        link.control.start();
        return link;
    }

    /** Whether all control records written before the start have been read: what readiness asks. */
    public boolean isControlCaughtUp() {
        return control.isCaughtUp();
    }

    /** Whether control records are read up to date and Kafka answers. */
    public boolean isControlConnected() {
        return control.isCaughtUp() && publisher.isOnline();
    }

    /** Whether Kafka takes records. */
    public boolean isPublishing() {
        return publisher.isOnline();
    }

    /** Events and values that wait in memory. */
    public int queueDepth() {
        return publisher.depth();
    }

    /** Bytes of records kept on disk. */
    public long spoolBytes() {
        return publisher.spoolBytes();
    }

    /** Records that Kafka has acknowledged. */
    public long deliveredRecords() {
        return publisher.delivered();
    }

    /** Telemetry records of a priority that were given up, here or in the ring. */
    public long droppedRecords(EventPriority priority) {
        return publisher.dropped(priority);
    }

    /** Telemetry records given up, by kind: {@code final}, {@code quota}, {@code lifecycle}, {@code periodic}. */
    public Map<String, Long> droppedRecords() {
        Map<String, Long> dropped = new HashMap<>();
        for (EventPriority priority : EventPriority.values()) {
            long count = publisher.dropped(priority);
            if (count > 0) {
                dropped.put(priority.name().toLowerCase(Locale.ROOT), count);
            }
        }
        return dropped;
    }

    /** Asks Kafka for its brokers; none if it does not answer in five seconds. */
    public List<HostAndPort> announcedBrokers() {
        return brokers.ask();
    }

    /** Control records that could not be read. */
    public long poisonRecords() {
        return state.poison();
    }

    /** Sets what hears how long each record took until it was acknowledged, in nanoseconds. Called on the publisher thread. */
    public void onAcknowledged(LongConsumer listener) {
        publisher.onAcknowledged(listener);
    }

    /**
     * Sends everything that waits, and stops; what Kafka does not take in time is on disk then.
     *
     * @param within bound for the sending
     */
    public void close(Duration within) {
        control.close();
        publisher.close(within);
        topics.close();
    }

    /** Closes within three seconds. */
    @Override
    public void close() {
        close(Duration.ofSeconds(3));
    }

    private PublisherFigures figures() {
        return new PublisherFigures(isControlConnected(), queueDepth(), spoolBytes(), droppedRecords(),
                events.statement());
    }

    private static Map<String, Object> clientSettings(KafkaConfig config, NodeIdentity node) {
        Map<String, Object> settings = new HashMap<>();
        settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
        settings.put(CommonClientConfigs.CLIENT_ID_CONFIG, "turnpike-" + node.nodeId());
        settings.put(CommonClientConfigs.RECONNECT_BACKOFF_MS_CONFIG, 100L);
        settings.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1_000L);
        settings.put(CommonClientConfigs.RETRY_BACKOFF_MAX_MS_CONFIG, 1_000L);
        settings.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
        settings.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000);
        settings.put(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, false);
        return settings;
    }

    private static Map<String, Object> producerSettings(KafkaConfig config, NodeIdentity node) {
        Map<String, Object> settings = clientSettings(config, node);
        settings.remove(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        // One request at a time for each broker: a broker that does not know the producer yet takes any first sequence, so
        // with several on the way a refused first batch would be out of order for good.
        settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
        settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 32 * 1024);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 5L);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 250L);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 60_000);
        settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 32L * 1024 * 1024);
        return settings;
    }

    private static Map<String, Object> consumerSettings(KafkaConfig config, NodeIdentity node) {
        Map<String, Object> settings = clientSettings(config, node);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        // The broker answers at once when there is a record; this is how long it may have nothing to say.
        settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 2_000);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return settings;
    }
}
