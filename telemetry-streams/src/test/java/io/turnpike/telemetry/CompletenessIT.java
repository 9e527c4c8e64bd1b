package io.turnpike.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.Topic;
import io.turnpike.events.v1.UsageRollup;
import io.turnpike.events.v1.UsageSnapshot;
import io.turnpike.telemetry.config.TelemetryConfig;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a real broker: an hour is published as complete if all of it has arrived, and another one, of which an event is lost, is not. */
class CompletenessIT {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final int USERS = 20;
    private static final int MINUTES = 6;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;
    private final Instant whole = Instant.now().truncatedTo(ChronoUnit.HOURS).minus(Duration.ofHours(5));
    private final Instant lossy = whole.plus(Duration.ofHours(1));
    private final CountingRelay relay = new CountingRelay("relay-1", 7, whole.minusSeconds(60));

    @Test
    void theFeedSaysWhichHoursAreComplete() throws Exception {
        try (TestBroker broker = new TestBroker(folder.resolve("broker"))) {
            broker.start();
            try (TelemetryApp app = TelemetryApp.start(TelemetryConfig.load(ConfigFactory.parseMap(settings(broker))));
                    KafkaProducer<String, byte[]> producer = producer(broker)) {
                await().atMost(PATIENCE).until(app::isReady);
                List<UsageSnapshot> calls = new ArrayList<>();
                for (int user = 0; user < USERS; user++) {
                    calls.addAll(hour(user, whole, 1_000, false));
                    calls.addAll(hour(user, lossy, 9_000, user == 13));
                    calls.addAll(hour(user, lossy.plus(Duration.ofHours(1)), 10_000, false)); // ends the minutes before
                }
                Instant now = Instant.now();
                send(producer, Topic.NODE, "relay-1", relay.heartbeat(now, now));
                await().atMost(PATIENCE).untilAsserted(() -> assertThat(node(app, whole).path("missing").asLong(-1))
                        .as("what is to come").isEqualTo(USERS * MINUTES));
                calls.forEach(snapshot -> send(producer, Topic.BANDWIDTH, snapshot.getAllocationId(), snapshot));

                await().atMost(PATIENCE).untilAsserted(() -> {
                    assertThat(node(app, whole).path("missing").asLong(-1)).isZero();
                    assertThat(node(app, whole).path("complete").asBoolean()).isTrue();
                    assertThat(node(app, lossy).path("missing").asLong()).isEqualTo(1);
                    assertThat(node(app, lossy).path("complete").asBoolean()).isFalse();
                    assertThat(get(app, "/metrics"))
                            .containsPattern("turn_telemetry_completeness_ratio\\{node=\"relay-1\"} 0\\.9\\d+")
                            .contains("turn_telemetry_incomplete_hours{node=\"relay-1\"} 1.0");
                });
                // It may have been published before it was known: then the next change of it says so.
                int round = 1;
                while (published(broker, whole, round).values().contains(false)) {
                    assertThat(++round).isLessThan(6);
                    for (int user = 0; user < USERS; user++) {
                        send(producer, Topic.BANDWIDTH, relay.allocationId(user),
                                relay.snapshot(user, whole.plusSeconds(600), whole.plusSeconds(660), "acme",
                                        "user-" + user, 2_000 + round));
                    }
                    send(producer, Topic.NODE, "relay-1", relay.heartbeat(Instant.now(), now));
                }
                assertThat(published(broker, lossy, 1)).containsValue(false).doesNotContainValue(true);
            }
        }
    }

    /** Minutes of a user's call, one of which may be lost on the way. */
    private List<UsageSnapshot> hour(int user, Instant hour, long bytes, boolean lose) {
        List<UsageSnapshot> arriving = new ArrayList<>();
        for (int i = 1; i <= MINUTES; i++) {
            UsageSnapshot snapshot = relay.snapshot(user, hour.plusSeconds(60L * i), hour.plusSeconds(60L * i + 60),
                    "acme", "user-" + user, bytes + i * 100L);
            if (!lose || i != 3) {
                arriving.add(snapshot);
            }
        }
        return arriving;
    }

    /** Whether the hour is complete for each user and the tenant, as soon as all have been published so often. */
    private static Map<String, Boolean> published(TestBroker broker, Instant hour, int versions) {
        Map<String, UsageRollup> newest = new HashMap<>();
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "group.id", UUID.randomUUID().toString(),
                        "auto.offset.reset",
                        "earliest", "isolation.level", "read_committed"),
                new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(Topic.ROLLUP.topicName()));
            await().atMost(PATIENCE).until(() -> {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> {
                    UsageRollup rollup = RecordCodec.decode(record.value(), UsageRollup.class);
                    if (rollup.getBucketStart().equals(hour)) {
                        newest.put(rollup.getUserId(), rollup);
                    }
                });
                return newest.size() == USERS + 1
                        && newest.values().stream().allMatch(rollup -> rollup.getVersion() >= versions);
            });
        }
        Map<String, Boolean> complete = new HashMap<>();
        newest.forEach((user, rollup) -> complete.put(user, rollup.getComplete()));
        return complete;
    }

    private static JsonNode node(TelemetryApp app, Instant hour) throws Exception {
        return JSON.readTree(get(app, "/v1/telemetry/completeness?from=" + hour + "&to=" + hour.plusSeconds(3_600)))
                .at("/hours/0/nodes/0");
    }

    private static String get(TelemetryApp app, String path) throws Exception {
        HttpResponse<String> response = HttpClient.newHttpClient().send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + app.httpAddress().getPort() + path)).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body();
    }

    private Map<String, Object> settings(TestBroker broker) {
        return Map.ofEntries(Map.entry("kafka.bootstrap-servers", broker.bootstrapServers()),
                Map.entry("kafka.max-partitions", 2), Map.entry("state-dir", folder.resolve("state").toString()),
                Map.entry("cluster-key", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
                Map.entry("quota.default.mode", "OFF"), Map.entry("http.port", 0),
                Map.entry("auth.anonymous-read-on-loopback", true), Map.entry("streams.threads", 2),
                Map.entry("streams.session-timeout", "6 s"), Map.entry("streams.rocksdb-memory-bytes", "32 MiB"));
    }

    private static KafkaProducer<String, byte[]> producer(TestBroker broker) {
        return new KafkaProducer<>(Map.of("bootstrap.servers", broker.bootstrapServers(), "acks", "all"),
                new StringSerializer(), new ByteArraySerializer());
    }

    private static void send(KafkaProducer<String, byte[]> producer, Topic topic, String key, SpecificRecord record) {
        producer.send(new ProducerRecord<>(topic.topicName(), key, RecordCodec.encode(record)));
    }
}
