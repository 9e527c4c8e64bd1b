package io.turnpike.node.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnpike.node.config.RelayConfig.AdminConfig;
import io.turnpike.node.ops.HealthChecks.Health;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdminServerTest {
    private static final AdminConfig ANY_PORT = new AdminConfig("127.0.0.1", 0);

    private final HealthChecks health = new HealthChecks();
    private final NodeMetrics metrics = new NodeMetrics();
    private final HttpClient client = HttpClient.newHttpClient();
    private final RecordedDrain drain = new RecordedDrain();
    private AdminServer server;

    @BeforeEach
    void start() throws IOException {
        server = AdminServer.start(ANY_PORT, health, metrics, drain);
    }

    @AfterEach
    void stop() {
        server.close();
        metrics.close();
    }

    @Test
    void isLiveAndReadyWithoutAnyCheck() throws Exception {
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
        assertThat(get("/health/ready").body()).isEqualTo("{\"healthy\":true,\"checks\":[]}\n");
    }

    @Test
    void saysWhichCheckFails() throws Exception {
        AtomicReference<Health> kafka = new AtomicReference<>(Health.failing("no \"broker\"\n"));
        health.addLive("loops", () -> Health.OK);
        health.addReady("kafka", kafka::get);

        HttpResponse<String> failing = get("/health/ready");
        assertThat(failing.statusCode()).isEqualTo(503);
        assertThat(failing.headers().firstValue("content-type")).contains("application/json");
        assertThat(failing.body()).isEqualTo("{\"healthy\":false,\"checks\":["
                + "{\"name\":\"loops\",\"healthy\":true,\"detail\":\"\"},"
                + "{\"name\":\"kafka\",\"healthy\":false,\"detail\":\"no \\\"broker\\\"\\u000a\"}]}\n");
        assertThat(get("/health/live").statusCode()).isEqualTo(200);

        kafka.set(Health.ok("spooling"));
        assertThat(get("/health/ready").statusCode()).isEqualTo(200);
    }

    @Test
    void isNotReadyIfItIsNotLiveOrACheckBreaks() throws Exception {
        health.addLive("loops", () -> {
            throw new IllegalStateException("secret detail");
        });

        assertThat(get("/health/live").statusCode()).isEqualTo(503);
        assertThat(get("/health/ready").statusCode()).isEqualTo(503);
        assertThat(get("/health/live").body()).contains("IllegalStateException").doesNotContain("secret detail");
    }

    @Test
    void servesTheMetrics() throws Exception {
        HttpResponse<String> response = get("/metrics?name[]=x");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type")).contains("text/plain; version=0.0.4; charset=utf-8");
        assertThat(response.body()).contains("turn_relay_channels 0.0");
    }

    @Test
    void answers404And405() throws Exception {
        assertThat(get("/").statusCode()).isEqualTo(404);
        assertThat(get("/metrics/").statusCode()).isEqualTo(404);
        HttpResponse<String> post = client.send(
                request("/metrics").POST(BodyPublishers.ofString("x")).build(), BodyHandlers.ofString());
        assertThat(post.statusCode()).isEqualTo(405);
        assertThat(post.headers().firstValue("allow")).contains("GET, HEAD");
    }

    @Test
    void drainsAndServesAgain() throws Exception {
        assertThat(get("/drain").body())
                .isEqualTo("{\"draining\":false,\"remainingSeconds\":null,\"allocations\":3}\n");

        HttpResponse<String> begun = send(request("/drain").POST(BodyPublishers.noBody()));
        assertThat(begun.statusCode()).isEqualTo(200);
        assertThat(begun.body())
                .isEqualTo("{\"draining\":true,\"remainingSeconds\":null,\"allocations\":3}\n");
        assertThat(send(request("/drain?deadlineSeconds=30").POST(BodyPublishers.noBody())).body())
                .isEqualTo("{\"draining\":true,\"remainingSeconds\":30,\"allocations\":3}\n");

        assertThat(send(request("/drain").DELETE()).body()).startsWith("{\"draining\":false");
    }

    @Test
    void refusesADrainThatNobodyCanMean() throws Exception {
        assertThat(send(request("/drain?deadlineSeconds=-1").POST(BodyPublishers.noBody())).statusCode())
                .isEqualTo(400);
        assertThat(send(request("/drain?deadline=30").POST(BodyPublishers.noBody())).body())
                .isEqualTo("the only parameter is deadlineSeconds\n");
        assertThat(send(request("/drain?deadlineSeconds=soon").POST(BodyPublishers.noBody())).statusCode())
                .isEqualTo(400);
        HttpResponse<String> put = send(request("/drain").PUT(BodyPublishers.noBody()));
        assertThat(put.statusCode()).isEqualTo(405);
        assertThat(put.headers().firstValue("allow")).contains("GET, HEAD, POST, DELETE");
        assertThat(drain.status().draining()).isFalse();
    }

    @Test
    void letsNoWebPageDrainTheNode() throws Exception {
        assertThat(send(request("/drain").header("Origin", "https://example.org").POST(BodyPublishers.noBody()))
                .statusCode()).isEqualTo(403);
        assertThat(drain.status().draining()).isFalse();
    }

    @Test
    void answersHeadWithoutABody() throws Exception {
        HttpResponse<String> head = client.send(
                request("/metrics").method("HEAD", BodyPublishers.noBody()).build(), BodyHandlers.ofString());

        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(head.headers().firstValueAsLong("content-length").orElse(0)).isPositive();
    }

    @Test
    void refusesRequestsThatAreTooLarge() throws Exception {
        HttpResponse<String> body = client.send(
                request("/metrics").POST(BodyPublishers.ofString("x".repeat(2_000))).build(), BodyHandlers.ofString());
        assertThat(body.statusCode()).isEqualTo(413);
        assertThat(exchange("GET /" + "x".repeat(2_000) + " HTTP/1.1\r\nHost: a\r\n\r\n")).startsWith("HTTP/1.1 400");
        assertThat(exchange("GET /metrics HTTP/1.1\r\nHost: " + "x".repeat(9_000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 400");
    }

    @Test
    void closesAConnectionThatSpeaksNoHttp() throws Exception {
        assertThat(exchange("\u0016\u0003\u0001 no http\r\n\r\n")).startsWith("HTTP/1.1 400");
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void saysWhichKeysNameATakenPort() {
        AdminConfig taken = new AdminConfig("127.0.0.1", server.address().getPort());

        assertThatThrownBy(() -> AdminServer.start(taken, health, metrics, drain)).isInstanceOf(IOException.class)
                .hasMessageContaining("admin.port").hasMessageContaining(String.valueOf(taken.port()));
    }

    /** Sends bytes and reads until the server closes the connection. */
    private String exchange(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.address().getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(request(path.replace("[]", "%5B%5D")).GET().build(), BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.address().getPort() + path));
    }

    private static final class RecordedDrain implements DrainControl {
        private volatile Status status = new Status(false, Optional.empty(), 3);

        @Override
        public void begin(Optional<Duration> deadline) {
            status = new Status(true, deadline, 3);
        }

        @Override
        public void end() {
            status = new Status(false, Optional.empty(), 3);
        }

        @Override
        public Status status() {
            return status;
        }
    }
}
