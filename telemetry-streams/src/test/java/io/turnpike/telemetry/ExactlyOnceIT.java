package io.turnpike.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.Topic;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.telemetry.config.TelemetryConfig.GroupProtocol;
import io.turnpike.telemetry.query.CommandOutcome;
import io.turnpike.telemetry.query.KafkaCommandGateway;
import io.turnpike.telemetry.store.Traffic;
import io.turnpike.telemetry.topology.LedgerDriver;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two instances of the program in processes of their own, killed in turn under load, under either group protocol. */
class ExactlyOnceIT {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final int PARTITIONS = 2;
    private static final long VOLUME = 2_000_000;

    @TempDir
    Path folder;
    private EmbeddedKafka kafka;
    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private final Instant start = Instant.now().minusSeconds(600).truncatedTo(ChronoUnit.SECONDS);
    private final TelemetryProcess[] instances = new TelemetryProcess[2];
    private int commands;
    private KafkaCommandGateway gateway;

    @BeforeEach
    void startKafka() {
        kafka = EmbeddedKafka.start(folder).withTopics(PARTITIONS);
        gateway = KafkaCommandGateway.start(kafka.clientSettings(), Duration.ofSeconds(10));
    }

    @AfterEach
    void stopAll() {
        gateway.close();
        for (TelemetryProcess instance : instances) {
            if (instance != null) {
                instance.close();
            }
        }
        kafka.close();
    }

    @ParameterizedTest
    @EnumSource(GroupProtocol.class)
    void whatIsCountedAndDecidedIsExactWhoeverIsKilled(GroupProtocol protocol) throws Exception {
        begin(0, protocol);
        begin(1, protocol);
        awaitReady(0);
        awaitReady(1);
        command(LedgerDriver.putTenant());
        command(LedgerDriver.hard(VOLUME));
        Load load = new Load(kafka.clientSettings(), start, PARTITIONS);
        try (load) {
            awaitRounds(load, 30);
            awaitStandbys(0);
            awaitStandbys(1);
            instances[0].kill();
            awaitTakeover(1);
            command(LedgerDriver.putTenant());
            if (protocol == GroupProtocol.CLASSIC) {
                begin(0, protocol);
                awaitReady(0);
                awaitStandbys(0);
                instances[1].kill();
                awaitTakeover(0);
                command(LedgerDriver.putTenant());
                begin(1, protocol);
                awaitReady(1);
                stopUnderLoad(0);
                awaitTakeover(1);
            }
            awaitRounds(load, load.rounds() + 20);
        }
        Traffic whole = Traffic.ZERO;
        for (int user = 0; user < Load.USERS; user++) {
            whole = whole.plus(load.of(user));
            awaitTotal("/v1/tenants/acme/users/user-" + user + "/usage", load.of(user));
        }
        awaitTotal("/v1/tenants/acme/usage", whole);
        awaitTotal("/v1/cluster/usage", whole);
        assertEveryEventIsKnownToHaveArrived(load);
        assertOneDecisionForEachCommand();
        assertGrantsAreOneStory(load);
        assertPoisonIsPutAsideOnce(load);
        sendALetterAgain(load);
        stopUnderLoad(1);
    }

    /** The auditor's counts are kept as exactly as the sums. */
    private void assertEveryEventIsKnownToHaveArrived(Load load) {
        await("audit").atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> {
            long received = 0;
            long duplicates = 0;
            for (JsonNode hour : get(1, "/v1/telemetry/completeness").get("hours")) {
                for (JsonNode node : hour.get("nodes")) {
                    assertThat(node.get("missing").asLong(-1)).as(hour.toString()).isZero();
                    received += node.get("received").asLong();
                    duplicates += node.get("duplicates").asLong();
                }
            }
            assertThat(received).isEqualTo(load.events());
            assertThat(duplicates).isPositive();
        });
    }

    private void assertOneDecisionForEachCommand() {
        Map<String, Integer> decisions = new HashMap<>();
        for (ConsumerRecord<String, byte[]> record : kafka.committed(Topic.QUOTA_AUDIT.topicName())) {
            QuotaAudit audit = RecordCodec.decode(record.value(), QuotaAudit.class);
            if (audit.getKind() == AuditKind.COMMAND_APPLIED || audit.getKind() == AuditKind.COMMAND_REFUSED) {
                decisions.merge(audit.getCommandId(), 1, Integer::sum);
            }
        }
        assertThat(decisions.values()).hasSizeGreaterThanOrEqualTo(commands).containsOnly(1);
    }

    /** A ledger that came back with less than it had published would decide the same sequence anew. */
    private void assertGrantsAreOneStory(Load load) {
        Map<String, TreeMap<Long, Long>> accounts = new HashMap<>();
        for (ConsumerRecord<String, byte[]> record : kafka.committed(Topic.QUOTA_GRANT.topicName())) {
            QuotaGrant grant = RecordCodec.decode(record.value(), QuotaGrant.class);
            Long same = accounts.computeIfAbsent(record.key(), key -> new TreeMap<>()).putIfAbsent(grant.getGrantSeq(),
                    grant.getGrantBytes());
            assertThat(same == null || same == grant.getGrantBytes()).as("one decision for each sequence").isTrue();
        }
        assertThat(accounts).isNotEmpty();
        accounts.values().forEach(account -> assertThat(account).hasSize(account.lastKey().intValue()));
        long granted = accounts.values().stream().mapToLong(account -> account.lastEntry().getValue()).sum();
        assertThat(granted).isLessThanOrEqualTo(VOLUME);
        assertThat(load.forwarded()).isPositive().isLessThanOrEqualTo(granted);
    }

    private void assertPoisonIsPutAsideOnce(Load load) {
        assertThat(load.poison()).isPositive();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(letters()).hasSize(load.poison()).doesNotHaveDuplicates());
    }

    /** Where the records of the dead letters came from. */
    private List<String> letters() {
        List<String> places = new ArrayList<>();
        kafka.committed(Topic.DLQ.topicName()).forEach(letter -> {
            var partition = letter.headers().lastHeader("__streams.errors.partition");
            if (partition != null) {
                places.add(new String(partition.value(), StandardCharsets.UTF_8) + '-' + new String(
                        letter.headers().lastHeader("__streams.errors.offset").value(), StandardCharsets.UTF_8));
            }
        });
        return places;
    }

    /** It fails again, at a new place, which shows that it was sent. */
    private void sendALetterAgain(Load load) throws Exception {
        JsonNode first = get(1, "/v1/dlq?limit=1").at("/deadLetters/0");
        String path = "/v1/dlq/" + first.get("id").asText();
        assertThat(get(1, path).get("valueBase64").asText()).isEqualTo("bm8gcmVjb3Jk");
        assertThat(first.get("replayedAt").isNull()).isTrue();
        assertThat(post(1, path + "/replay", "")).isEqualTo(200);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(letters()).hasSize(load.poison() + 1));
        assertThat(get(1, path).get("replayedBy").asText()).isEqualTo("ops");
        assertThat(post(1, path + "/replay", "")).as("twice").isEqualTo(409);
        assertThat(post(1, path + "/replay", "{\"force\":true}")).isEqualTo(200);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(letters()).hasSize(load.poison() + 2)
                .doesNotHaveDuplicates());
        JsonNode again = get(1, "/v1/dlq?limit=1").at("/deadLetters/0");
        assertThat(new String(get(1, "/v1/dlq/" + again.get("id").asText()).at("/headers/0/valueBase64").binaryValue()))
                .isEqualTo(first.get("id").asText());
    }

    private void begin(int instance, GroupProtocol protocol) throws IOException {
        instances[instance] = TelemetryProcess.start(folder.resolve("instance-" + instance), Map.ofEntries(
                Map.entry("kafka.bootstrap-servers", kafka.bootstrapServers()),
                Map.entry("kafka.max-partitions", PARTITIONS),
                Map.entry("state-dir", folder.resolve("state-" + instance).toString()),
                Map.entry("cluster-key", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
                Map.entry("quota.default.mode", "OFF"),
                Map.entry("auth.operator-tokens", List.of(Map.of("name", "ops", "token", "token"))),
                Map.entry("streams.threads", 1), Map.entry("streams.session-timeout", "6 s"),
                Map.entry("streams.group-protocol", protocol.name().toLowerCase(Locale.ROOT)),
                Map.entry("streams.rocksdb-memory-bytes", "32 MiB")));
    }

    /** SIGTERM, as a container engine sends it. */
    private void stopUnderLoad(int instance) throws Exception {
        long asked = System.nanoTime();
        assertThat(instances[instance].stop(100)).as("ends by itself when asked to").isTrue();
        System.out.printf(Locale.ROOT, "instance %d ended %d ms after SIGTERM%n", instance,
                (System.nanoTime() - asked) / 1_000_000);
        assertThat(instances[instance].log()).doesNotContain("clean=false");
    }

    private void awaitRounds(Load load, int rounds) {
        await().atMost(PATIENCE).until(() -> load.rounds() >= rounds);
    }

    private void awaitReady(int instance) {
        await().atMost(PATIENCE).ignoreExceptions()
                .untilAsserted(() -> assertThat(request(instance, "/health/ready").statusCode()).isEqualTo(200));
    }

    private void awaitStandbys(int instance) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(request(instance, "/metrics").body())
                .containsPattern("(?m)^turn_telemetry_standby_stores [1-9]"));
    }

    /** The instance answers for all partitions, and from no copy. */
    private void awaitTakeover(int instance) {
        await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> {
            JsonNode answer = get(instance, "/v1/cluster/usage" + range() + "1h");
            assertThat(answer.get("complete").asBoolean()).isTrue();
            assertThat(answer.path("stale").asBoolean()).isFalse();
        });
    }

    /** One that is not answered, because the ledger's task moves, is given anew. */
    private void command(Object action) {
        await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> assertThat(
                gateway.submit(LedgerDriver.command(action)).toCompletableFuture().get(30, TimeUnit.SECONDS))
                .isInstanceOf(CommandOutcome.Applied.class));
        commands++;
    }

    private void awaitTotal(String path, Traffic expected) {
        await(path).atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> {
            for (String step : List.of("1m", "1h")) {
                JsonNode answer = get(1, path + range() + step);
                assertThat(answer.get("complete").asBoolean()).isTrue();
                assertThat(answer.at("/total/billableBytes").asLong()).as(() -> answers(path))
                        .isEqualTo(expected.billableBytes(false));
                assertThat(answer.at("/total/relayToPeer/packets").asLong()).isEqualTo(expected.packetsToPeers());
            }
        });
    }

    /** Tells what is missing in the stores from what an answer leaves out. */
    private String answers(String path) {
        StringBuilder all = new StringBuilder();
        for (String step : List.of("1m", "1h", "1d")) {
            try {
                all.append(get(1, path + range() + step)).append('\n');
            } catch (Exception e) {
                all.append(step).append(": ").append(e).append('\n');
            }
        }
        return all.toString();
    }

    private String range() {
        return "?from=" + start.minusSeconds(3_600).truncatedTo(ChronoUnit.HOURS) + "&to="
                + start.plusSeconds(7_200).truncatedTo(ChronoUnit.HOURS) + "&step=";
    }

    private JsonNode get(int instance, String path) throws Exception {
        HttpResponse<String> response = request(instance, path);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return json.readTree(response.body());
    }

    private HttpResponse<String> request(int instance, String path) throws Exception {
        return send(instance, path, HttpRequest.newBuilder().GET());
    }

    private int post(int instance, String path, String body) throws Exception {
        return send(instance, path, HttpRequest.newBuilder().POST(BodyPublishers.ofString(body))).statusCode();
    }

    private HttpResponse<String> send(int instance, String path, HttpRequest.Builder request) throws Exception {
        return http.send(request.uri(URI.create("http://127.0.0.1:" + instances[instance].httpPort() + path))
                .header("Authorization", "Bearer token").timeout(Duration.ofSeconds(30)).build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
