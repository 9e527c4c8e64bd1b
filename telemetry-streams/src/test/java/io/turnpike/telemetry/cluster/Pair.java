package io.turnpike.telemetry.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.turnpike.telemetry.TelemetryProcess;
import io.turnpike.telemetry.query.Allocation;
import io.turnpike.telemetry.query.OutcomeCounts;
import io.turnpike.telemetry.query.StoreGroup;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Two instances of the application in processes of their own, each with a copy of what the other one owns. */
final class Pair implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(180);
    static final int PARTITIONS = 4;
    private static final String CLUSTER_KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final String bootstrapServers;
    private final TelemetryProcess[] processes = new TelemetryProcess[2];
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final PeerClient peers = new PeerClient(new PeerKey(CLUSTER_KEY, Clock.systemUTC()));

    /** The parts of questions and answers that are looked at here. */
    private record All() {}

    private record Nodes(List<JsonNode> nodes) {}

    private record OfTenant(String tenantId) {}

    private record One(String allocationId) {}

    private record Page(List<Allocation> allocations) {}

    private record PageOf(int most, Optional<String> after) {}

    private record Tenants(List<JsonNode> tenants) {}

    Pair(Path folder, String bootstrapServers) throws IOException {
        this.folder = folder;
        this.bootstrapServers = bootstrapServers;
        start(0);
        start(1);
    }

    /** Starts an instance, on the state that it had. */
    void start(int instance) throws IOException {
        Map<String, Object> settings = new HashMap<>(Map.of("kafka.bootstrap-servers", bootstrapServers,
                "kafka.max-partitions", PARTITIONS, "state-dir", folder.resolve("state-" + instance).toString(),
                "cluster-key", CLUSTER_KEY, "quota.default.mode", "OFF", "http.port", 0,
                "auth.anonymous-read-on-loopback", true, "streams.threads", 1, "streams.standby-replicas", 1,
                "streams.rocksdb-memory-bytes", "32 MiB"));
        processes[instance] = TelemetryProcess.start(folder, settings);
    }

    /** SIGKILL. */
    void kill(int instance) throws InterruptedException {
        processes[instance].kill();
    }

    /** Waits until each instance has every partition, its own or a copy that follows. */
    void awaitCopies() {
        await().atMost(PATIENCE).ignoreExceptions().pollInterval(Duration.ofMillis(500)).untilAsserted(() -> {
            for (int instance = 0; instance < 2; instance++) {
                assertThat(has(instance, kind("nodes", All.class, Nodes.class), new All(), 3)).hasSize(3);
                assertThat(has(instance, kind("outcomes", OfTenant.class, OutcomeCounts.class), new OfTenant("acme"),
                        PARTITIONS)).hasSize(PARTITIONS);
                assertThat(has(instance, kind("allocation", One.class, Page.class), new One("none"), PARTITIONS))
                        .hasSize(PARTITIONS);
                assertThat(has(instance, kind("tenants", PageOf.class, Tenants.class), new PageOf(1, Optional.empty()),
                        PARTITIONS)).hasSize(PARTITIONS);
            }
        });
    }

    /** How many partitions of the ledger an instance owns. */
    long owned(int instance) {
        return has(instance, kind("outcomes", OfTenant.class, OutcomeCounts.class), new OfTenant("acme"), PARTITIONS)
                .values().stream().filter(part -> part.copyAsOf().isEmpty()).count();
    }

    private <Q extends Record, A extends Record> Map<Integer, Part<A>> has(int instance, QuestionKind<Q, A> kind,
            Q question, int partitions) {
        return peers.ask(new Instance("127.0.0.1", processes[instance].httpPort()), kind, question,
                IntStream.range(0, partitions).boxed().toList(), Duration.ofSeconds(5)).join().parts();
    }

    private static <Q extends Record, A extends Record> QuestionKind<Q, A> kind(String name, Class<Q> question,
            Class<A> answer) {
        return new QuestionKind<>(name, StoreGroup.TENANTS, question, answer, false, (asked, stores) -> {
            throw new AssertionError("not answered here");
        });
    }

    /** What an instance answers; empty if it does not answer with 200. */
    Optional<JsonNode> ask(int instance, String path) throws InterruptedException {
        try {
            HttpResponse<String> response = send(instance, path);
            return response.statusCode() == 200 ? Optional.of(JSON.readTree(response.body())) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** What an instance answers, without what changes by the clock. */
    JsonNode answer(int instance, String path) throws IOException, InterruptedException {
        HttpResponse<String> response = send(instance, path);
        assertThat(response.statusCode()).as(path + ": " + response.body()).isEqualTo(200);
        ObjectNode answer = (ObjectNode) JSON.readTree(response.body());
        answer.remove(List.of("asOf", "lagMs"));
        answer.path("points").forEach(point -> ((ObjectNode) point).remove("partial"));
        return answer;
    }

    String text(int instance, String path) throws IOException, InterruptedException {
        return send(instance, path).body();
    }

    private HttpResponse<String> send(int instance, String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + processes[instance].httpPort() + path);
        return http.send(HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        for (TelemetryProcess process : processes) {
            if (process != null) {
                process.close();
            }
        }
    }
}
