package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.turnpike.benchmarks.EventWriter;
import io.turnpike.benchmarks.streams.UsageTrace;
import io.turnpike.contract.SecretSeal;
import io.turnpike.contract.UserKey;
import io.turnpike.quickstart.EmbeddedBroker;
import io.turnpike.telemetry.TelemetryProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Usage stays equal to the byte: a trace with duplicates, reordered, hours-late and impossibly dated events, while
 * instances of the telemetry application are killed and the broker restarts. {@code -Dturnpike.trace=N} says how many
 * events; a million in the long run.
 */
class UsageTraceIT {
    private static final int EVENTS = Integer.getInteger("turnpike.trace", 40_000);
    private static final int USERS = 200;
    private static final int PARTS = 5;
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final String KEY = SecretSeal.newKey();

    @TempDir
    Path folder;
    private final Instant begin = Instant.now().minus(10, ChronoUnit.HOURS);
    private final UsageTrace trace = new UsageTrace(17, USERS, begin, begin.toEpochMilli());
    private final DisorderedTrace disordered = new DisorderedTrace(trace, 18);
    private final TraceAccount account = new TraceAccount();
    private EmbeddedBroker broker;
    private TelemetryProcess telemetry;

    @BeforeEach
    void start() throws IOException {
        broker = EmbeddedBroker.start(folder.resolve("kafka"), 0);
        telemetry = instance("a");
    }

    @AfterEach
    void stop() {
        telemetry.close();
        broker.close();
    }

    @Test
    void totalsAreTheTracesToTheByteOverKillsAndARestartOfTheBroker() throws Exception {
        awaitReady();
        try (EventWriter writer = new EventWriter(broker.bootstrapServers())) {
            killWhileItCounts(writer, "a");
            killWhileItCounts(writer, "b");
            write(writer);
            int port = broker.port();
            broker.close();
            broker = EmbeddedBroker.start(folder.resolve("kafka"), port);
            killWhileItCounts(writer, "b");
            write(writer);
            disordered.deliverRest(event -> send(writer, event));
            account.lastWords(1, (topic, status) -> writer.send(topic, status.getHeader().getNodeId(), status));
            writer.flush();
        }
        assertThatMissing(1);

        Map<String, UserUsage> truth = new TreeMap<>();
        trace.truth().forEach((user, counters) -> truth.put(user, usage(counters)));
        for (String step : List.of("1m", "1h", "1d")) {
            await(step).atMost(PATIENCE).pollInterval(Duration.ofSeconds(1)).ignoreExceptions()
                    .untilAsserted(() -> assertThat(counted(step)).isEqualTo(truth));
        }
        UserUsage whole = truth.values().stream().reduce(UserUsage.NONE, UserUsage::plus);
        await("cluster").atMost(PATIENCE).ignoreExceptions()
                .untilAsserted(() -> assertThat(UserUsage.of(api().get("v1/cluster/usage" + range("1m")).get("total")))
                        .isEqualTo(whole));
        assertThat(tenant(UsageTrace.LARGEST_TENANT)).isEqualTo(truth.entrySet().stream()
                .filter(user -> user.getKey().startsWith(UsageTrace.LARGEST_TENANT + '|')).map(Map.Entry::getValue)
                .reduce(UserUsage.NONE, UserUsage::plus));
        try (EventWriter writer = new EventWriter(broker.bootstrapServers())) {
            account.lastWords(0, (topic, status) -> writer.send(topic, status.getHeader().getNodeId(), status));
            writer.flush();
        }
        assertThatMissing(0);
        assertThat(telemetry.stop(60)).as("ends by itself when asked to").isTrue();
    }

    private void write(EventWriter writer) throws IOException {
        disordered.deliver(EVENTS / PARTS, event -> send(writer, event));
        writer.flush();
    }

    /** Every event is known to have arrived once, or again, whatever was killed in between; and what did not arrive is known. */
    private void assertThatMissing(long missing) {
        await("audit").atMost(PATIENCE).pollInterval(Duration.ofSeconds(1)).ignoreExceptions().untilAsserted(() -> {
            long duplicates = 0;
            long missed = 0;
            for (JsonNode hour : api().get("v1/telemetry/completeness").get("hours")) {
                boolean complete = true;
                for (JsonNode node : hour.get("nodes")) {
                    assertThat(node.get("expected").asLong() - node.get("received").asLong())
                            .isEqualTo(node.get("missing").asLong()).isNotNegative();
                    duplicates += node.get("duplicates").asLong();
                    missed += node.get("missing").asLong();
                    complete &= node.get("missing").asLong() == 0;
                }
                assertThat(hour.get("complete").asBoolean()).as(hour.toString())
                        .isEqualTo(complete && !hour.get("nodes").isEmpty());
            }
            assertThat(missed).isEqualTo(missing);
            assertThat(duplicates).isEqualTo(account.duplicates()).isPositive();
        });
    }

    private void send(EventWriter writer, UsageTrace.Event event) {
        account.delivered(event);
        writer.send(event.topic(), event.key(), event.value());
    }

    /** SIGKILL between two commits, with some of the events counted; another one goes on from the topics. */
    private void killWhileItCounts(EventWriter writer, String next)
            throws IOException, InterruptedException {
        long before = telemetryCounted();
        write(writer);
        await().atMost(PATIENCE).ignoreExceptions().until(() -> telemetryCounted() > before);
        telemetry.kill();
        telemetry = instance(next);
        awaitReady();
    }

    private long telemetryCounted() {
        return api().get("v1/cluster/usage" + range("1h")).at("/total/billableBytes").asLong();
    }

    private TelemetryProcess instance(String name) throws IOException {
        Map<String, Object> settings = new HashMap<>(Map.of("kafka.bootstrap-servers", broker.bootstrapServers(),
                "kafka.max-partitions", 4, "cluster-key", KEY, "quota.default.mode", "OFF",
                "auth.operator-tokens", List.of(Map.of("name", "test", "token", "demo-admin")), "streams.threads", 2,
                "streams.session-timeout", "6 s",
                "streams.rocksdb-memory-bytes", "64 MiB", "streams.standby-replicas", 0));
        settings.put("state-dir", folder.resolve("stores-" + name).toString());
        return TelemetryProcess.start(folder.resolve("instance-" + name), settings);
    }

    private void awaitReady() {
        await().atMost(PATIENCE).ignoreExceptions()
                .untilAsserted(() -> assertThat(api().tryGet("health/ready").status()).isEqualTo(200));
    }

    private TurnpikeApi api() {
        return new TurnpikeApi(URI.create("http://127.0.0.1:" + telemetry.httpPort() + "/"));
    }

    /** What each user used, read tenant by tenant. */
    private Map<String, UserUsage> counted(String step) {
        Map<String, UserUsage> counted = new TreeMap<>();
        trace.truth().keySet().stream().map(user -> UserKey.parse(user).orElseThrow().tenantId()).distinct()
                .forEach(tenant -> {
                    for (JsonNode user : api().get("v1/tenants/" + tenant + "/users" + range(step) + "&limit=1000")
                            .get("users")) {
                        counted.put(new UserKey(tenant, user.get("user").asText()).text(), UserUsage.of(user));
                    }
                });
        return counted;
    }

    private UserUsage tenant(String tenant) {
        return UserUsage.of(api().get("v1/tenants/" + tenant + "/usage" + range("1m")).get("total"));
    }

    /** The day around the trace, aligned to the step. */
    private String range(String step) {
        ChronoUnit unit = step.equals("1d") ? ChronoUnit.DAYS : ChronoUnit.HOURS;
        Instant from = begin.minus(1, ChronoUnit.HOURS).truncatedTo(unit);
        Instant to = begin.plus(12, ChronoUnit.HOURS).truncatedTo(unit).plus(1, unit);
        return "?step=" + step + "&from=" + from + "&to=" + to;
    }

    private static UserUsage usage(long[] counters) {
        return new UserUsage(direction(counters, 0), direction(counters, 3), direction(counters, 6),
                direction(counters, 9), UsageTrace.billableBytes(counters));
    }

    private static UserUsage.Direction direction(long[] counters, int at) {
        return new UserUsage.Direction(counters[at], counters[at + 1], counters[at + 2]);
    }
}
