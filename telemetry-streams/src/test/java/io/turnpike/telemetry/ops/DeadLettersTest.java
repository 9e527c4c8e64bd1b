package io.turnpike.telemetry.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.turnpike.contract.Topic;
import io.turnpike.telemetry.config.TelemetryConfig;
import io.turnpike.telemetry.store.TotalsMemory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A step that fails in the middle, under the application's own settings. */
class DeadLettersTest {
    @TempDir
    Path stateDir;
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final AtomicLong nanos = new AtomicLong();
    private final DeadLetters deadLetters = new DeadLetters("app", new DeadLetters.Limits(2, 1_000),
            new TelemetryMetrics(registry), nanos::get);
    private final RocksDbMemory memory = new RocksDbMemory(1 << 20);
    private final List<String> seen = new ArrayList<>();

    @AfterEach
    void free() {
        memory.close();
    }

    @Test
    void aRecordOnWhichAStepFailedIsPutAsideWhenItComesAgainAndNeverHalfDone() {
        try (TopologyTestDriver driver = driver()) {
            send(driver, "good");
            assertThatThrownBy(() -> send(driver, "bomb")).hasRootCauseMessage("after it had sent something");
            assertThat(letters(driver)).as("the transaction is aborted, and with it what would be written").isEmpty();
        }
        try (TopologyTestDriver driver = driver()) { // the thread that replaces it begins at the last commit
            send(driver, "good");
            send(driver, "bomb");
            send(driver, "more");

            assertThat(letters(driver)).singleElement().satisfies(letter -> {
                assertThat(letter.value()).isEqualTo("bomb");
                assertThat(letter.key()).isEqualTo("key");
                assertThat(header(letter, DeadLetter.REASON)).isEqualTo("failed");
                assertThat(header(letter, DeadLetter.ERROR)).isEqualTo("java.lang.IllegalStateException");
                assertThat(header(letter, DeadLetter.OFFSET)).isEqualTo("1");
            });
        }
        assertThat(seen).containsExactly("good", "bomb", "good", "more");
        assertThat(registry.get("turn_telemetry_aborted_transactions").counter().count()).isEqualTo(1);
    }

    @Test
    void aRecordThatTwoStepsReadIsOneLetterEachTimeThatItComes() {
        try (TopologyTestDriver driver = driver()) {
            assertThatThrownBy(() -> send(driver, "bomb")).isInstanceOf(RuntimeException.class);
        }
        for (int pass = 0; pass < 2; pass++) { // the first one's letter may be aborted for another reason
            try (TopologyTestDriver driver = driver()) {
                send(driver, "bomb");
                assertThat(letters(driver)).hasSize(1);
            }
        }
    }

    @Test
    void failuresThatDoNotEndStopTheApplication() {
        for (int failure = 0; failure <= DeadLetters.MOST_ABORTS; failure++) {
            assertThat(deadLetters.isWholesale()).isFalse();
            try (TopologyTestDriver driver = driver()) { // each fails at a place of its own
                for (int before = 0; before < failure; before++) {
                    send(driver, "put aside by now");
                }
                assertThatThrownBy(() -> send(driver, "bomb")).isInstanceOf(RuntimeException.class);
            }
        }
        assertThat(deadLetters.isWholesale()).isTrue();
    }

    @Test
    void theAlarmIsRaisedAndEndsByItself() {
        try (TopologyTestDriver driver = driver()) {
            assertThat(alarm()).isZero();
            send(driver, "refused");
            assertThat(alarm()).isZero();
            send(driver, "refused");
            assertThat(alarm()).isEqualTo(1);

            nanos.addAndGet(Duration.ofMinutes(1).toNanos());
            assertThat(alarm()).as("the last minute counts too").isEqualTo(1);
            nanos.addAndGet(Duration.ofMinutes(1).toNanos());
            assertThat(alarm()).isZero();
        }
    }

    private double alarm() {
        return registry.get("turn_dlq_alarm").gauge().value();
    }

    private TopologyTestDriver driver() {
        TelemetryConfig config = TelemetryConfig.load(ConfigFactory.parseMap(Map.of("cluster-key",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "quota.default.mode", "OFF", "state-dir",
                stateDir.toString())));
        Properties settings = StreamsSettings.of(config, deadLetters, memory, new TotalsMemory(0));
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE); // the driver has no other
        return new TopologyTestDriver(topology(settings), settings);
    }

    private Topology topology(Properties settings) {
        StreamsBuilder builder = new StreamsBuilder(new TopologyConfig(new StreamsConfig(settings)));
        KStream<String, String> input = builder.stream("input",
                Consumed.with(Serdes.String(), Serdes.String()).withName("source"));
        input.process(() -> new ContextualProcessor<String, String, String, String>() {
            @Override
            public void process(Record<String, String> record) {
                if (record.value().equals("refused")) {
                    throw new PoisonRecord("as the test wants it");
                }
                seen.add(record.value());
                context().forward(record);
                if (record.value().equals("bomb")) {
                    throw new IllegalStateException("after it had sent something");
                }
            }
        }, Named.as("step"))
                .to("output", Produced.with(Serdes.String(), Serdes.String()).withName("sink"));
        input.process(() -> new ContextualProcessor<String, String, String, String>() {
            @Override
            public void process(Record<String, String> record) {
                context().forward(record);
            }
        }, Named.as("other-step"));
        return builder.build(settings);
    }

    private static void send(TopologyTestDriver driver, String value) {
        driver.createInputTopic("input", new StringSerializer(), new StringSerializer()).pipeInput("key", value);
    }

    private static List<TestRecord<String, String>> letters(TopologyTestDriver driver) {
        return driver.createOutputTopic(Topic.DLQ.topicName(), new StringDeserializer(), new StringDeserializer())
                .readRecordsToList();
    }

    private static String header(TestRecord<String, String> letter, String name) {
        return new String(letter.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }
}
