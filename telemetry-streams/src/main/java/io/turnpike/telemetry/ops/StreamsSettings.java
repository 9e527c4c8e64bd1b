package io.turnpike.telemetry.ops;

import io.turnpike.contract.Topic;
import io.turnpike.telemetry.config.TelemetryConfig;
import io.turnpike.telemetry.store.TotalsMemory;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/** The settings of Kafka Streams, each with its reason. */
public final class StreamsSettings {
    /** Results of one step reach the next within this; Streams' own default of 100 ms would add up over the steps. */
    private static final int LINGER_MILLIS = 5;
    /** Far longer than a transaction takes, and half of Streams' own default (QUOTA.md rule 21). */
    private static final int TRANSACTION_MILLIS = 5_000;

    /** An instance that has caught up gets its work within this; the shortest time that Kafka Streams takes. */
    private static final long PROBING_MILLIS = 60_000;

    private StreamsSettings() {}

    /** The settings for one application; each instance adds where the others reach it. */
    public static Properties of(TelemetryConfig config, DeadLetters deadLetters, RocksDbMemory memory,
            TotalsMemory totals) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, config.applicationId());
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, config.kafka().bootstrapServers());
        settings.put(StreamsConfig.STATE_DIR_CONFIG, config.stateDir().toString());

        // Deltas cross repartition topics: with at-least-once a crash would count some of them twice.
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        // Kafka Streams may abort one task during a rebalance and go on with its neighbours: what they wrote would be lost.
        settings.put(StreamsConfig.DEFAULT_CLIENT_SUPPLIER_CONFIG, OneStoryClients.class);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, config.streams().commitInterval().toMillis());
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), LINGER_MILLIS);
        // What an instance that hangs or dies leaves open hides later grants from relays until it is aborted.
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), TRANSACTION_MILLIS);

        // The names of stores and topics are part of the state: none may depend on the order of the code.
        settings.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, config.kafka().replicationFactor());

        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.streams().threads());
        group(settings, config.streams());

        settings.put(StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, UnreadableRecordHandler.class);
        settings.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, FailedRecordHandler.class);
        settings.put(StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG, UnsendableRecordHandler.class);
        settings.put(StreamsConfig.PROCESSOR_WRAPPER_CLASS_CONFIG, StepGuard.class);
        settings.put(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, Topic.DLQ.topicName());
        settings.put(DeadLetters.SETTING, deadLetters);

        settings.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, RocksDbMemory.Setter.class);
        settings.put(RocksDbMemory.SETTING, memory);
        settings.put(TotalsMemory.SETTING, totals);

        // Reconnect soon after Kafka was away, without hammering it.
        settings.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1_000);
        return settings;
    }

    /** How the instances share the work. Under KIP-1071 these are settings of the group ({@link StreamsGroup}). */
    private static void group(Properties settings, TelemetryConfig.Streams config) {
        switch (config.groupProtocol()) {
            case CLASSIC -> {
                settings.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, "classic");
                settings.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, config.standbyReplicas());
                settings.put(StreamsConfig.MAX_WARMUP_REPLICAS_CONFIG, config.warmupReplicas());
                settings.put(StreamsConfig.PROBING_REBALANCE_INTERVAL_MS_CONFIG, PROBING_MILLIS);
                int session = Math.toIntExact(config.sessionTimeout().toMillis());
                settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), session);
                settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), session / 4);
            }
            case STREAMS -> settings.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, "streams");
        }
    }
}
