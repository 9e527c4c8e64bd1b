package io.turnpike.benchmarks.queries;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import io.turnpike.quickstart.EmbeddedBroker;
import io.turnpike.telemetry.TelemetryApp;
import io.turnpike.telemetry.config.TelemetryConfig;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A broker and two instances of the telemetry application in this process, without standbys. */
final class TwoInstances implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(20);
    private static final Pattern FORWARDED = Pattern
            .compile("(?m)^turn_iq_requests_total\\{route=\"forwarded\"} ([0-9.E]+)");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int READ_BUFFER = 1 << 16;

    private final EmbeddedBroker broker;
    private final List<TelemetryApp> apps = new ArrayList<>();
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private TwoInstances(EmbeddedBroker broker) {
        this.broker = broker;
    }

    static TwoInstances start(Path folder, int partitions) throws IOException, InterruptedException {
        TwoInstances instances = new TwoInstances(EmbeddedBroker.start(folder.resolve("broker"), 0));
        try {
            for (int instance = 0; instance < 2; instance++) {
                instances.apps.add(TelemetryApp.start(TelemetryConfig.load(ConfigFactory.parseMap(Map.ofEntries(
                        Map.entry("kafka.bootstrap-servers", instances.bootstrapServers()),
                        Map.entry("kafka.max-partitions", partitions),
                        Map.entry("state-dir", folder.resolve("state-" + instance).toString()),
                        Map.entry("cluster-key", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
                        Map.entry("quota.default.mode", "OFF"), Map.entry("http.port", 0),
                        Map.entry("http.query-deadline", "10 s"),
                        Map.entry("auth.anonymous-read-on-loopback", true), Map.entry("streams.threads", 1),
                        Map.entry("streams.standby-replicas", 0))))));
            }
            instances.await("both instances to be ready",
                    () -> instances.apps.stream().allMatch(TelemetryApp::isReady));
            return instances;
        } catch (IOException | InterruptedException | RuntimeException e) {
            instances.close();
            throw e;
        }
    }

    String bootstrapServers() {
        return broker.bootstrapServers();
    }

    /** Waits until the cluster has counted so much, on either instance. */
    void awaitTotal(long billableBytes) throws IOException, InterruptedException {
        String path = "/v1/cluster/usage?step=1h&from=" + Instant.now().minus(Duration.ofHours(4));
        await(billableBytes + " bytes to be counted", () -> {
            JsonNode answer = get(path);
            return answer != null && answer.at("/total/billableBytes").longValue() >= billableBytes;
        });
    }

    /** How many questions the first instance has handed to the second. */
    double forwarded() throws IOException, InterruptedException {
        Matcher matcher = FORWARDED.matcher(send("/metrics").body());
        return matcher.find() ? Double.parseDouble(matcher.group(1)) : 0;
    }

    /** What the first instance answers; null if it is not 200. */
    JsonNode get(String path) throws IOException, InterruptedException {
        HttpResponse<String> answer = send(path);
        return answer.statusCode() == 200 ? JSON.readTree(answer.body()) : null;
    }

    /** Reads a long answer to its end; its lines. */
    long lines(String path) throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = http.send(request(path), HttpResponse.BodyHandlers.ofInputStream());
        if (answer.statusCode() != 200) {
            throw new IOException(path + " answered " + answer.statusCode());
        }
        long lines = 0;
        byte[] buffer = new byte[READ_BUFFER];
        try (InputStream body = answer.body()) {
            for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
                for (int at = 0; at < read; at++) {
                    lines += buffer[at] == '\n' ? 1 : 0;
                }
            }
        }
        return lines;
    }

    private HttpResponse<String> send(String path) throws IOException, InterruptedException {
        return http.send(request(path), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    private HttpRequest request(String path) {
        return HttpRequest
                .newBuilder(URI.create("http://127.0.0.1:" + apps.get(0).httpAddress().getPort() + path)).build();
    }

    private interface Condition {
        boolean holds() throws IOException, InterruptedException;
    }

    private void await(String what, Condition condition) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > end) {
                throw new IOException("waited in vain for " + what);
            }
            Thread.sleep(200);
        }
    }

    @Override
    public void close() {
        apps.forEach(TelemetryApp::close);
        broker.close();
    }
}
