package io.turnpike.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.Topic;
import io.turnpike.events.v1.EndReason;
import io.turnpike.events.v1.NodeState;
import io.turnpike.events.v1.UsageSnapshot;
import io.turnpike.telemetry.config.TelemetryConfig;
import io.turnpike.telemetry.store.Traffic;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The application against a real broker: transactions, restarts, restores and outages, which the test driver hides. */
class TelemetryAppIT {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final int USERS = 4;

    @TempDir
    Path folder;
    private TestBroker broker;
    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private final Events node = new Events("relay-1", 3);
    private final Instant start = Instant.now().minusSeconds(600);

    @BeforeEach
    void makeBroker() throws Exception {
        broker = new TestBroker(folder.resolve("broker"));
    }

    @AfterEach
    void stopBroker() {
        broker.close();
    }

    @Test
    void goesOnWithTheSameTotalsAfterACleanRestart() throws Exception {
        broker.start();
        UsageSnapshot before = snapshot(0, 1, 5_000);
        try (TelemetryApp app = startApp(folder.resolve("state"));
                KafkaProducer<String, byte[]> producer = producer()) {
            awaitReady(app);
            send(producer, Topic.NODE, "relay-1", node.status(Instant.now(), NodeState.SERVING));
            send(producer, Topic.ALLOCATION, node.allocationId(0), node.created(0, start, "acme", "user-0"));
            send(producer, Topic.BANDWIDTH, node.allocationId(0), before);
            send(producer, Topic.BANDWIDTH, "poison", "poison".getBytes(StandardCharsets.UTF_8));
            awaitTotal(app.httpAddress().getPort(), "/v1/tenants/acme/users/user-0/usage", Traffic.of(before));
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                    get(app, "/v1/tenants/acme/allocations?state=live").get("allocations")).hasSize(1));
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(get(app, "/v1/nodes").get("nodes")).hasSize(1));
            assertThat(deadLetter()).isEqualTo("poison");
        }
        try (TelemetryApp app = startApp(folder.resolve("state"));
                KafkaProducer<String, byte[]> producer = producer()) {
            awaitReady(app);
            awaitTotal(app.httpAddress().getPort(), "/v1/tenants/acme/users/user-0/usage", Traffic.of(before));
            UsageSnapshot after = snapshot(0, 2, 9_000);
            send(producer, Topic.BANDWIDTH, node.allocationId(0), after);
            send(producer, Topic.ALLOCATION, node.allocationId(0),
                    node.ended(0, Instant.now(), "acme", "user-0", EndReason.CLIENT_RELEASED));
            awaitTotal(app.httpAddress().getPort(), "/v1/tenants/acme/users/user-0/usage", Traffic.of(after));
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                    get(app, "/v1/tenants/acme/connectivity").at("/counts/CONNECTED").asLong()).isEqualTo(1));
            assertThat(get(app, "/v1/tenants/acme/users?sort=-bytes").get("users")).hasSize(1);
        }
    }

    @Test
    void staysUpWhileKafkaIsAwayAndSaysSo() throws Exception {
        try (TelemetryApp app = startApp(folder.resolve("state"))) {
            assertThat(status(app, "/health/live")).isEqualTo(200);
            assertThat(status(app, "/health/ready")).isEqualTo(503);
            assertThat(status(app, "/v1/tenants/acme/usage")).isEqualTo(503);
            broker.start();
            awaitReady(app);
            assertThat(status(app, "/health/ready")).isEqualTo(200);

            broker.stop();
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(app.isReady()).isFalse());
            assertThat(status(app, "/health/live")).isEqualTo(200);
            broker.start();
            awaitReady(app);
            try (KafkaProducer<String, byte[]> producer = producer()) {
                UsageSnapshot snapshot = snapshot(0, 1, 5_000);
                send(producer, Topic.BANDWIDTH, node.allocationId(0), snapshot);
                awaitTotal(app.httpAddress().getPort(), "/v1/tenants/acme/users/user-0/usage", Traffic.of(snapshot));
            }
        }
    }

    private TelemetryApp startApp(Path stateDir) {
        return TelemetryApp.start(TelemetryConfig.load(ConfigFactory.parseMap(settings(stateDir))));
    }

    private Map<String, Object> settings(Path stateDir) {
        return Map.ofEntries(
                Map.entry("kafka.bootstrap-servers", broker.bootstrapServers()),
                Map.entry("kafka.max-partitions", 2), Map.entry("state-dir", stateDir.toString()),
                Map.entry("cluster-key", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
                Map.entry("quota.default.mode", "OFF"), Map.entry("http.port", 0),
                Map.entry("auth.anonymous-read-on-loopback", true), Map.entry("streams.threads", 2),
                Map.entry("streams.session-timeout", "6 s"), Map.entry("streams.rocksdb-memory-bytes", "32 MiB"));
    }

    private UsageSnapshot snapshot(int allocation, int round, long bytes) {
        return node.snapshot(allocation, start.plusSeconds(10L * round - 10), start.plusSeconds(10L * round), "acme",
                "user-" + allocation % USERS, bytes);
    }

    private void awaitReady(TelemetryApp app) {
        awaitReady(app.httpAddress().getPort());
    }

    private void awaitReady(int port) {
        await().atMost(PATIENCE).ignoreExceptions()
                .untilAsserted(() -> assertThat(request(port, "/health/ready").statusCode()).isEqualTo(200));
    }

    private String range() {
        return "?from=" + start.minusSeconds(3_600).truncatedTo(ChronoUnit.HOURS) + "&to="
                + start.plusSeconds(7_200).truncatedTo(ChronoUnit.HOURS) + "&step=";
    }

    private void awaitTotal(int port, String path, Traffic expected) {
        for (String step : List.of("1m", "1h")) {
            await().atMost(PATIENCE).untilAsserted(() -> {
                JsonNode total = get(port, path + range() + step).get("total");
                assertThat(total.at("/billableBytes").asLong()).isEqualTo(expected.billableBytes(false));
                assertThat(total.at("/relayToPeer/packets").asLong()).isEqualTo(expected.packetsToPeers());
                assertThat(total.at("/relayToClient/packets").asLong()).isEqualTo(expected.packetsToClients());
            });
        }
    }

    private JsonNode get(TelemetryApp app, String path) throws Exception {
        return get(app.httpAddress().getPort(), path);
    }

    private JsonNode get(int port, String path) throws Exception {
        HttpResponse<String> response = request(port, path);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return json.readTree(response.body());
    }

    private int status(TelemetryApp app, String path) throws Exception {
        return request(app.httpAddress().getPort(), path).statusCode();
    }

    private HttpResponse<String> request(int port, String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + port + path);
        return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }

    private KafkaProducer<String, byte[]> producer() {
        return new KafkaProducer<>(Map.of("bootstrap.servers", broker.bootstrapServers(), "acks", "all"),
                new StringSerializer(), new ByteArraySerializer());
    }

    private static void send(KafkaProducer<String, byte[]> producer, Topic topic, String key, SpecificRecord record) {
        send(producer, topic, key, RecordCodec.encode(record));
    }

    private static void send(KafkaProducer<String, byte[]> producer, Topic topic, String key, byte[] bytes) {
        producer.send(new ProducerRecord<>(topic.topicName(), key, bytes));
    }

    private String deadLetter() {
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "group.id", "test", "auto.offset.reset",
                        "earliest", "isolation.level", "read_committed"),
                new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(Topic.DLQ.topicName()));
            return await().atMost(PATIENCE).until(() -> {
                for (var record : consumer.poll(Duration.ofMillis(200))) {
                    return new String(record.value(), StandardCharsets.UTF_8);
                }
                return null;
            }, Objects::nonNull);
        }
    }
}
