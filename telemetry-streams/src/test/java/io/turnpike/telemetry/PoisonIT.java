package io.turnpike.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.Topic;
import io.turnpike.contract.UserKey;
import io.turnpike.events.v1.UsageSnapshot;
import io.turnpike.telemetry.config.TelemetryConfig;
import io.turnpike.telemetry.ops.DeadLetter;
import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.StateSerde;
import io.turnpike.telemetry.store.Traffic;
import io.turnpike.telemetry.store.v1.DirectionTotals;
import io.turnpike.telemetry.store.v1.EventCount;
import io.turnpike.telemetry.store.v1.TrafficTotals;
import io.turnpike.telemetry.store.v1.UsageBucket;
import io.turnpike.telemetry.store.v1.UsageDelta;
import io.turnpike.telemetry.store.v1.UsagePart;
import io.turnpike.telemetry.topology.TelemetryTopology;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Poison on its way through the whole application and a real broker, also in the topics between its steps: each such record
 * becomes one letter, whole where it fits, and what is counted stays exact.
 */
class PoisonIT {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final int NEARLY_KAFKAS_LARGEST = 1_040_000;
    private static final int KEPT_OF_IT = 900_000 - "large".length();

    @TempDir
    Path folder;
    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private final Events node = new Events("relay-1", 3);
    private final Instant start = Instant.now().minusSeconds(600);
    private EmbeddedKafka kafka;
    private TelemetryConfig config;
    private TelemetryApp app;
    private KafkaProducer<String, byte[]> producer;

    @BeforeEach
    void start() {
        kafka = EmbeddedKafka.start(folder);
        config = TelemetryConfig.load(ConfigFactory.parseMap(Map.ofEntries(
                Map.entry("kafka.bootstrap-servers", kafka.bootstrapServers()),
                Map.entry("kafka.max-partitions", 2), Map.entry("state-dir", folder.resolve("state").toString()),
                Map.entry("cluster-key", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
                Map.entry("quota.default.mode", "OFF"), Map.entry("http.port", 0),
                Map.entry("auth.operator-tokens", List.of(Map.of("name", "ops", "token", "token"))),
                Map.entry("streams.threads", 2),
                Map.entry("streams.session-timeout", "6 s"),
                Map.entry("streams.rocksdb-memory-bytes", "32 MiB"))));
        app = TelemetryApp.start(config);
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "acks", "all", "linger.ms", 0),
                new StringSerializer(), new ByteArraySerializer());
    }

    @AfterEach
    void stop() {
        producer.close();
        app.close();
        kafka.close();
    }

    @Test
    void damagedRecordsAndThoseOnWhichAStepFailsAreOneLetterEachAndSumsStayExact() throws Exception {
        String userDeltas = TelemetryTopology.repartitionTopic(config.applicationId(),
                TelemetryTopology.USAGE_BY_USER);
        String tenantDeltas = TelemetryTopology.repartitionTopic(config.applicationId(),
                TelemetryTopology.USAGE_BY_TENANT);
        String al = new UserKey("acme", "al").text();
        byte[] garbage = "no delta".getBytes(StandardCharsets.UTF_8);
        byte[] ofUser = delta("acme", "al");
        byte[] cut = Arrays.copyOf(ofUser, ofUser.length - 3);
        byte[] ofTenant = delta("acme", "");
        byte[] large = new byte[NEARLY_KAFKAS_LARGEST];
        Arrays.fill(large, (byte) 7);
        await().atMost(PATIENCE).until(app::isReady);
        use(1, 1_000);
        awaitTotals(Traffic.of(snapshot(1, 1_000)));

        send(Topic.BANDWIDTH.topicName(), "large", large);
        send(userDeltas, al, garbage);
        send(userDeltas, al, cut);
        send(tenantDeltas, "acme", ofTenant);
        use(2, 5_000);

        awaitTotals(Traffic.of(snapshot(2, 5_000)));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(letters()).hasSizeGreaterThanOrEqualTo(4));
        assertLetter(Topic.BANDWIDTH.topicName(), "unreadable", Arrays.copyOf(large, KEPT_OF_IT));
        assertLetter(userDeltas, "unreadable", garbage);
        assertLetter(userDeltas, "unreadable", cut);
        assertLetter(tenantDeltas, "failed", ofTenant);
        assertThat(letters()).as("two steps read a tenant's deltas, and it is one letter").hasSize(4);
        assertThat(letters()).allSatisfy(letter -> assertThat(header(letter, DeadLetter.CUT_FROM)).isEqualTo(
                letter.value().length == KEPT_OF_IT ? Integer.toString(NEARLY_KAFKAS_LARGEST) : null));
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(request("/health/ready").statusCode()).isEqualTo(200));
        assertThat(request("/metrics").body())
                .containsPattern("(?m)^turn_telemetry_aborted_transactions_total 1\\.0$");
        JsonNode shown = json.readTree(request("/v1/dlq?limit=10").body()).get("deadLetters");
        assertThat(shown).hasSize(4);
    }

    /** Two parts of one minute that no sum can hold: the step has taken in the first one when it fails. */
    private byte[] delta(String scope, String userId) {
        DirectionTotals most = new DirectionTotals(Long.MAX_VALUE, 0L, 0L);
        DirectionTotals none = new DirectionTotals(0L, 0L, 0L);
        UsageBucket bucket = new UsageBucket(new TrafficTotals(most, none, none, none), Long.MAX_VALUE, Map.of(), 0L, 0,
                0L, false);
        UsagePart part = new UsagePart(Bucket.MINUTE.startOf(start.plusSeconds(120).toEpochMilli()), bucket);
        EventCount event = new EventCount(3L, Bucket.HOUR.startOf(start.toEpochMilli()), 1L, 0L); // for the auditor, too
        return StateSerde.usageDelta().serializer().serialize("",
                new UsageDelta(scope, userId, List.of(part, part), List.of(event)));
    }

    private void assertLetter(String topic, String reason, byte[] bytes) {
        assertThat(letters()).as(topic + ' ' + reason)
                .filteredOn(letter -> topic.equals(header(letter, DeadLetter.TOPIC))
                        && Arrays.equals(letter.value(), bytes))
                .singleElement().satisfies(letter -> {
                    assertThat(header(letter, DeadLetter.REASON)).isEqualTo(reason);
                    assertThat(header(letter, DeadLetter.MESSAGE)).isNotEmpty();
                });
    }

    private List<ConsumerRecord<String, byte[]>> letters() {
        return kafka.committed(Topic.DLQ.topicName());
    }

    private static String header(ConsumerRecord<String, byte[]> letter, String name) {
        return letter.headers().lastHeader(name) == null
                ? null
                : new String(letter.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private UsageSnapshot snapshot(int round, long bytes) {
        return node.snapshot(0, start.plusSeconds(10L * round - 10), start.plusSeconds(10L * round), "acme", "al",
                bytes);
    }

    private void use(int round, long bytes) {
        send(Topic.BANDWIDTH.topicName(), node.allocationId(0), RecordCodec.encode(snapshot(round, bytes)));
    }

    private void send(String topic, String key, byte[] value) {
        producer.send(new ProducerRecord<>(topic, key, value));
        producer.flush();
    }

    private void awaitTotals(Traffic expected) {
        for (String path : List.of("/v1/tenants/acme/users/al/usage", "/v1/tenants/acme/usage", "/v1/cluster/usage")) {
            await(path).atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> {
                JsonNode answer = json.readTree(request(path + "?step=1h&from="
                        + start.minusSeconds(3_600).truncatedTo(ChronoUnit.HOURS) + "&to="
                        + start.plusSeconds(7_200).truncatedTo(ChronoUnit.HOURS)).body());
                assertThat(answer.get("complete").asBoolean()).isTrue();
                assertThat(answer.at("/total/billableBytes").asLong()).isEqualTo(expected.billableBytes(false));
            });
        }
    }

    private HttpResponse<String> request(String path) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + app.httpAddress().getPort() + path);
        return http.send(
                HttpRequest.newBuilder(uri).header("Authorization", "Bearer token").timeout(Duration.ofSeconds(30))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
