package io.turnpike.telemetry.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.turnpike.contract.Topic;
import io.turnpike.telemetry.EmbeddedKafka;
import io.turnpike.telemetry.config.TelemetryConfig;
import io.turnpike.telemetry.store.TotalsMemory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Results that are too large, under the application's own settings on a real broker: for the producer, and for the topic. */
class TooLargeIT {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final int TOPICS_LIMIT = 200_000;
    private static final int OVER_THE_TOPICS_LIMIT = 300_000;
    private static final int OVER_THE_PRODUCERS_LIMIT = 2_000_000;
    private static final String COUNTS = "counts";

    @TempDir
    Path folder;
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final DeadLetters deadLetters = new DeadLetters("app", new DeadLetters.Limits(10, 100),
            new TelemetryMetrics(registry), System::nanoTime);
    private final RocksDbMemory memory = new RocksDbMemory(16 << 20);
    private EmbeddedKafka kafka;
    private KafkaProducer<String, String> producer;
    private KafkaStreams streams;

    @BeforeEach
    void start() throws Exception {
        kafka = EmbeddedKafka.start(folder);
        try (Admin admin = Admin.create(kafka.clientSettings())) {
            admin.createTopics(List.of(new NewTopic("in", 1, (short) 1), new NewTopic("out", 1, (short) 1)
                    .configs(Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(TOPICS_LIMIT))),
                    new NewTopic(Topic.DLQ.topicName(), 1, (short) 1))).all().get();
        }
        producer = new KafkaProducer<>(kafka.clientSettings(), new StringSerializer(), new StringSerializer());
        TelemetryConfig config = TelemetryConfig.load(ConfigFactory.parseMap(Map.of("kafka.bootstrap-servers",
                kafka.bootstrapServers(), "cluster-key", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "quota.default.mode", "OFF", "state-dir", folder.resolve("state").toString(),
                "streams.session-timeout", "6 s", "streams.threads", 1, "streams.standby-replicas", 0)));
        Properties settings = StreamsSettings.of(config, deadLetters, memory, new TotalsMemory(0));
        streams = new KafkaStreams(topology(settings), settings);
        streams.setUncaughtExceptionHandler(failure -> StreamThreadExceptionResponse.REPLACE_THREAD);
        streams.start();
    }

    @AfterEach
    void stop() {
        streams.close(Duration.ofSeconds(10));
        producer.close();
        kafka.close();
        memory.close();
    }

    @Test
    void aRecordOfWhichTooMuchIsMadeIsALetterAndLeavesNothingBehind() {
        send("1");
        send(Integer.toString(OVER_THE_PRODUCERS_LIMIT));
        send("2");

        await().atMost(PATIENCE).untilAsserted(() -> assertThat(out()).containsExactly("1 of 1", "2 of 2"));
        assertThat(kafka.committed(Topic.DLQ.topicName())).singleElement().satisfies(letter -> {
            assertThat(text(letter.value())).isEqualTo(Integer.toString(OVER_THE_PRODUCERS_LIMIT));
            assertThat(letter.key()).isEqualTo("key");
            assertThat(header(letter, DeadLetter.REASON)).isEqualTo("unsendable");
            assertThat(header(letter, DeadLetter.ERROR)).endsWith("RecordTooLargeException");
            assertThat(header(letter, DeadLetter.TOPIC)).isEqualTo("in");
            assertThat(header(letter, DeadLetter.OFFSET)).isEqualTo("1");
        });
        assertThat(aborts()).isEqualTo(1);
    }

    /** Which record is to blame is not known when the brokers answer, so that none is put aside. */
    @Test
    void whatTheTopicDoesNotTakeIsTriedAgainAndPassesOnceItDoes() throws Exception {
        send("1");
        send(Integer.toString(OVER_THE_TOPICS_LIMIT));
        send("2");
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(aborts()).isPositive());
        assertThat(out()).allMatch("1 of 1"::equals);

        raiseTheTopicsLimit();

        await().atMost(PATIENCE).untilAsserted(
                () -> assertThat(out()).containsExactly("1 of 1", OVER_THE_TOPICS_LIMIT + " of 2", "2 of 3"));
        assertThat(kafka.committed(Topic.DLQ.topicName())).isEmpty();
        assertThat(deadLetters.isWholesale()).isFalse();
    }

    private void raiseTheTopicsLimit() throws Exception {
        try (Admin admin = Admin.create(kafka.clientSettings())) {
            admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.TOPIC, "out"),
                    List.of(new AlterConfigOp(new ConfigEntry(TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                            Integer.toString(1 << 20)), AlterConfigOp.OpType.SET))))
                    .all().get();
        }
    }

    /** Counts the records in a store, and makes of each one as many bytes as it says. */
    private static Topology topology(Properties settings) {
        StreamsBuilder builder = new StreamsBuilder(new TopologyConfig(new StreamsConfig(settings)));
        builder.addStateStore(Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(COUNTS), Serdes.String(),
                Serdes.Long()));
        builder.stream("in", Consumed.with(Serdes.String(), Serdes.String()).withName("source"))
                .process(() -> new ContextualProcessor<String, String, String, String>() {
                    @Override
                    public void process(Record<String, String> record) {
                        KeyValueStore<String, Long> counts = context().getStateStore(COUNTS);
                        Long before = counts.get(record.key());
                        long count = before == null ? 1 : before + 1;
                        counts.put(record.key(), count);
                        int size = Integer.parseInt(record.value());
                        context().forward(record.withValue((size + " of " + count + ' ').concat(" ".repeat(size))));
                    }
                }, Named.as("step"), COUNTS)
                .to("out", Produced.with(Serdes.String(), Serdes.String()).withName("sink"));
        return builder.build(settings);
    }

    private void send(String value) {
        producer.send(new ProducerRecord<>("in", "key", value));
        producer.flush();
    }

    private List<String> out() {
        return kafka.committed("out").stream().map(each -> text(each.value()).strip()).toList();
    }

    private double aborts() {
        return registry.get("turn_telemetry_aborted_transactions").counter().count();
    }

    private static String header(ConsumerRecord<String, byte[]> letter, String name) {
        return text(letter.headers().lastHeader(name).value());
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
