package io.turnpike.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import io.turnpike.telemetry.config.TelemetryConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Webhooks from the API to a receiver, over a real broker: retries, kills, two instances, receivers that mean no good. */
class WebhooksIT {
    private static final Duration PATIENCE = Duration.ofSeconds(240);
    private static final String KEY = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final String NEW_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
    private static final String HARD = "{\"mode\":\"HARD\",\"volumeBytes\":%d}";

    @TempDir
    Path folder;
    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private TestBroker broker;
    private HookReceiver receiver;

    @BeforeEach
    void start() throws Exception {
        broker = new TestBroker(folder.resolve("broker"));
        broker.start();
        receiver = new HookReceiver();
    }

    @AfterEach
    void stop() {
        receiver.close();
        broker.close();
    }

    @Test
    void triesOverErrorsAndTimeoutsWithOneIdAndASignatureThatOpensslMakesToo() throws Exception {
        receiver.on("/flaky", n -> n == 0 ? 500 : n == 1 ? 0 : n == 2 ? 503 : 204);
        try (TelemetryApp app = app("a")) {
            int port = ready(app.httpAddress().getPort());
            call(port, "PUT", "/v1/tenants/acme", "{}", 201);
            webhook(port, "flaky", "/flaky", secrets("k1", KEY), 201);
            webhook(port, "good", "/good", secrets("k1", KEY), 201);
            JsonNode tested = call(port, "POST", "/v1/tenants/acme/webhooks/flaky/test", "", 202);
            call(port, "PUT", "/v1/tenants/acme/quota", HARD.formatted(1_000), 201);

            await().atMost(PATIENCE)
                    .until(() -> receiver.requests("/flaky").stream().map(HookReceiver.Request::type).toList()
                            .contains("quota.changed"));
            // The one that fails holds up its own, in order, and nobody else.
            List<HookReceiver.Request> flaky = receiver.requests("/flaky");
            assertThat(flaky.subList(0, 4)).extracting(HookReceiver.Request::id).containsOnly(flaky.get(0).id());
            assertThat(flaky.subList(0, 4)).extracting(HookReceiver.Request::body).containsOnly(flaky.get(0).body());
            assertThat(flaky).extracting(HookReceiver.Request::type).endsWith("webhook.test", "quota.changed");
            assertThat(flaky.stream().filter(each -> each.type().equals("webhook.test")).findFirst().orElseThrow()
                    .json().at("/data/commandId")).isEqualTo(tested.get("commandId"));
            await().atMost(PATIENCE).until(() -> receiver.requests("/good").stream()
                    .anyMatch(each -> each.type().equals("quota.changed")));
            assertThat(receiver.requests("/good")).extracting(HookReceiver.Request::type)
                    .doesNotContain("webhook.test");
            HookReceiver.Request changed = flaky.get(flaky.size() - 1);
            assertThat(changed.json().at("/data/actor").textValue()).isEqualTo("ops");
            assertThat(changed.json().at("/data/changes").findValuesAsText("field")).contains("volumeBytes", "mode");
            for (HookReceiver.Request request : flaky) {
                assertThat(request.signature()).isEqualTo("v1," + openssl(KEY, request));
            }

            webhook(port, "flaky", "/flaky", secrets("k1", KEY, "k2", NEW_KEY), 200);
            int before = receiver.requests("/flaky").size();
            call(port, "PUT", "/v1/tenants/acme", "{\"status\":\"SUSPENDED\"}", 200);
            await().atMost(PATIENCE).until(() -> receiver.requests("/flaky").stream().skip(before)
                    .anyMatch(each -> each.type().equals("tenant.suspended")));
            HookReceiver.Request rotated = receiver.requests("/flaky").stream()
                    .filter(each -> each.type().equals("tenant.suspended")).findFirst().orElseThrow();
            assertThat(rotated.signature())
                    .isEqualTo("v1," + openssl(KEY, rotated) + " v1," + openssl(NEW_KEY, rotated));

            await().atMost(PATIENCE).untilAsserted(() -> {
                JsonNode delivery = call(port, "GET", "/v1/tenants/acme/webhooks/flaky", null, 200).get("delivery");
                assertThat(delivery.get("lastEventId").textValue())
                        .isEqualTo(receiver.requests("/flaky").get(receiver.requests("/flaky").size() - 1).id());
                assertThat(delivery.get("failures").longValue()).isZero();
                assertThat(delivery.get("delivered").longValue())
                        .isEqualTo(receiver.requests("/flaky").size() - 3);
            });
        }
    }

    @Test
    void goesOnAfterAKillInTheMiddleOfRetriesAndRepeatsNothingThatWasTaken() throws Exception {
        receiver.on("/down", n -> 500);
        TelemetryProcess process = TelemetryProcess.start(folder.resolve("p"), settings("p"));
        try {
            int port = ready(process.httpPort());
            call(port, "PUT", "/v1/tenants/acme", "{}", 201);
            webhook(port, "down", "/down", secrets("k1", KEY), 201);
            webhook(port, "good", "/good", secrets("k1", KEY), 201);
            for (int i = 1; i <= 5; i++) {
                call(port, "PUT", "/v1/tenants/acme/quota", HARD.formatted(i), i == 1 ? 201 : 200);
            }
            await().atMost(PATIENCE)
                    .until(() -> volumes("/good").contains(5L) && receiver.requests("/down").size() >= 2);
            await().atMost(PATIENCE)
                    .until(() -> call(port, "GET", "/v1/tenants/acme/webhooks/good", null, 200)
                            .at("/delivery/delivered")
                            .longValue() == receiver.requests("/good").size());
            int taken = receiver.requests("/good").size();
            process.kill();
            receiver.on("/down", n -> 204);
            int tried = receiver.requests("/down").size();
            process = TelemetryProcess.start(folder.resolve("q"), settings("p"));
            int again = ready(process.httpPort());
            await().atMost(PATIENCE).until(() -> volumes("/down").contains(5L));
            call(again, "PUT", "/v1/tenants/acme/quota", HARD.formatted(6), 200);
            await().atMost(PATIENCE).until(() -> volumes("/good").contains(6L) && volumes("/down").contains(6L));

            List<HookReceiver.Request> down = receiver.requests("/down");
            assertThat(down.get(tried).id()).as("the event that was tried before the kill comes first")
                    .isEqualTo(down.get(0).id());
            assertThat(down.subList(0, tried + 1)).extracting(HookReceiver.Request::id).containsOnly(down.get(0).id());
            assertThat(volumes("/down")).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
            assertThat(receiver.requests("/good").subList(0, taken)).extracting(HookReceiver.Request::id)
                    .doesNotHaveDuplicates();
            assertThat(receiver.requests("/good")).extracting(HookReceiver.Request::id).doesNotHaveDuplicates();
        } finally {
            process.close();
        }
    }

    @Test
    void twoInstancesSendEachEventOnceAndTheSecondGoesOnAloneForAllTenants() throws Exception {
        List<String> tenants = IntStream.range(0, 6).mapToObj(i -> "t" + i).toList();
        TelemetryApp first = app("a");
        try {
            int port = ready(first.httpAddress().getPort());
            for (String tenant : tenants) {
                call(port, "PUT", "/v1/tenants/" + tenant, "{}", 201);
                webhook(port, tenant, "hook", "/" + tenant, secrets("k1", KEY), 201);
            }
            try (TelemetryApp second = app("b")) {
                ready(second.httpAddress().getPort());
                List<Integer> both = List.of(port, second.httpAddress().getPort());
                tenants.forEach(tenant -> write(both, tenant, 1));
                await().atMost(PATIENCE).until(() -> tenants.stream().allMatch(tenant -> volumes("/" + tenant)
                        .contains(1L)));
                first.close();
                int alone = second.httpAddress().getPort();
                tenants.forEach(tenant -> write(List.of(alone), tenant, 2));
                await().atMost(PATIENCE).until(() -> tenants.stream().allMatch(tenant -> volumes("/" + tenant)
                        .contains(2L)));
                for (String tenant : tenants) {
                    assertThat(receiver.requests("/" + tenant)).as(tenant).extracting(HookReceiver.Request::id)
                            .doesNotHaveDuplicates();
                    assertThat(volumes("/" + tenant)).as(tenant).containsExactly(1L, 2L);
                }
                // Each instance knows how every webhook fares, whoever sends to it.
                await().atMost(PATIENCE).untilAsserted(() -> assertThat(tenants).allSatisfy(tenant -> assertThat(
                        call(alone, "GET", "/v1/tenants/" + tenant + "/webhooks/hook", null, 200)
                                .at("/delivery/delivered").longValue())
                        .isEqualTo(receiver.requests("/" + tenant).size())));
            }
        } finally {
            first.close();
        }
    }

    @Test
    void disablesWhoIsGoneAndIsHeldUpByNobody() throws Exception {
        receiver.on("/gone", n -> 410).on("/silent", n -> 0).on("/elsewhere", n -> 307);
        try (TelemetryApp app = app("a")) {
            int port = ready(app.httpAddress().getPort());
            call(port, "PUT", "/v1/tenants/acme", "{}", 201);
            for (String name : List.of("gone", "silent", "elsewhere", "good")) {
                webhook(port, name, "/" + name, secrets("k1", KEY), 201);
            }
            call(port, "PUT", "/v1/tenants/acme/quota", HARD.formatted(1), 201);

            await().atMost(PATIENCE).until(() -> volumes("/good").contains(1L));
            await().atMost(PATIENCE).untilAsserted(() -> {
                JsonNode gone = call(port, "GET", "/v1/tenants/acme/webhooks/gone", null, 200);
                assertThat(gone.get("status").textValue()).isEqualTo("DISABLED");
                assertThat(gone.get("disabledReason").textValue()).contains("410");
            });
            JsonNode history = call(port, "GET", "/v1/tenants/acme/quota/history?kind=COMMAND_APPLIED", null, 200);
            assertThat(history.get("events")).anySatisfy(event -> {
                assertThat(event.get("command").textValue()).isEqualTo("DISABLE_WEBHOOK");
                assertThat(event.get("subject").textValue()).isEqualTo("gone");
                assertThat(event.get("actor").textValue()).isEqualTo("webhooks");
            });
            int asked = receiver.requests("/gone").size();
            call(port, "PUT", "/v1/tenants/acme/quota", HARD.formatted(2), 200);
            await().atMost(PATIENCE).until(() -> volumes("/good").contains(2L));
            assertThat(receiver.requests("/gone")).hasSize(asked);

            receiver.on("/gone", n -> 204);
            webhook(port, "gone", "/gone", null, 200);
            call(port, "PUT", "/v1/tenants/acme/quota", HARD.formatted(3), 200);
            await().atMost(PATIENCE).until(() -> volumes("/gone").contains(3L));
            assertThat(volumes("/gone").stream().filter(volume -> volume == 2)).isEmpty();
            JsonNode refused = call(port, "PUT", "/v1/tenants/acme/webhooks/meta",
                    "{\"url\":\"http://169.254.169.254/\",\"secrets\":" + secrets("k1", KEY) + "}", 400);
            assertThat(refused.get("field").textValue()).isEqualTo("url");
            String metrics = text(port, "/metrics");
            assertThat(metrics).contains("turn_webhook_deliveries_total{result=\"delivered\"}")
                    .contains("turn_webhook_endpoints{health=\"failing\"}");

            call(port, "DELETE", "/v1/tenants/acme/webhooks/silent", null, 204);
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                    call(port, "GET", "/v1/tenants/acme/webhooks", null, 200).get("webhooks")).hasSize(3));
            call(port, "DELETE", "/v1/tenants/acme", null, 204);
            call(port, "PUT", "/v1/tenants/acme", "{}", 201);
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(
                    call(port, "GET", "/v1/tenants/acme/webhooks", null, 200).get("webhooks")).isEmpty());
        }
    }

    /** Writes by whichever instance answers. */
    private void write(List<Integer> ports, String tenant, long volume) {
        await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            for (int port : ports) {
                if (send(port, "PUT", "/v1/tenants/" + tenant + "/quota", HARD.formatted(volume)).statusCode()
                        / 100 == 2) {
                    return true;
                }
            }
            return false;
        });
    }

    /** New volumes that a path was told of and took, in order. */
    private List<Long> volumes(String path) {
        return receiver.requests(path).stream().filter(each -> each.type().equals("quota.changed"))
                .map(each -> each.json().at("/data/limitBytes").longValue()).distinct().toList();
    }

    private TelemetryApp app(String name) {
        return TelemetryApp.start(TelemetryConfig.load(ConfigFactory.parseMap(settings(name))));
    }

    private Map<String, Object> settings(String name) {
        Map<String, Object> settings = new HashMap<>(Map.of("kafka.bootstrap-servers", broker.bootstrapServers(),
                "kafka.max-partitions", 2, "state-dir", folder.resolve("state-" + name).toString(), "cluster-key",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "quota.default.mode", "OFF", "http.port", 0,
                "streams.threads", 1, "streams.session-timeout", "6 s"));
        settings.put("streams.rocksdb-memory-bytes", "32 MiB");
        settings.put("auth.anonymous-read-on-loopback", true);
        settings.put("auth.operator-tokens", List.of(Map.of("name", "ops", "token", "t0ken")));
        settings.put("webhooks.allow-http", true);
        settings.put("webhooks.allow-addresses", List.of("127.0.0.0/8"));
        settings.put("webhooks.timeout", "2 s");
        settings.put("webhooks.first-backoff", "200 ms");
        settings.put("webhooks.longest-backoff", "1 s");
        return settings;
    }

    private int ready(int port) {
        await().atMost(PATIENCE).ignoreExceptions()
                .until(() -> send(port, "GET", "/health/ready", null).statusCode() == 200);
        return port;
    }

    private static String secrets(String... idsAndKeys) {
        StringBuilder secrets = new StringBuilder("[");
        for (int i = 0; i < idsAndKeys.length; i += 2) {
            secrets.append(i == 0 ? "" : ",").append("{\"id\":\"").append(idsAndKeys[i])
                    .append("\",\"secret\":\"whsec_")
                    .append(idsAndKeys[i + 1]).append("\"}");
        }
        return secrets.append(']').toString();
    }

    private void webhook(int port, String name, String path, String secrets, int status) throws Exception {
        webhook(port, "acme", name, path, secrets, status);
    }

    private void webhook(int port, String tenant, String name, String path, String secrets, int status)
            throws Exception {
        call(port, "PUT", "/v1/tenants/" + tenant + "/webhooks/" + name,
                "{\"url\":\"" + receiver.url(path) + "\",\"secrets\":" + secrets + "}", status);
    }

    private JsonNode call(int port, String method, String path, String body, int status)
            throws IOException, InterruptedException {
        HttpResponse<String> response = send(port, method, path, body);
        assertThat(response.statusCode()).as(method + ' ' + path + ' ' + response.body()).isEqualTo(status);
        return response.body().isEmpty() ? null : json.readTree(response.body());
    }

    private String text(int port, String path) throws IOException, InterruptedException {
        return send(port, "GET", path, null).body();
    }

    private HttpResponse<String> send(int port, String method, String path, String body)
            throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Authorization", "Bearer t0ken")
                .method(method, body == null
                        ? HttpRequest.BodyPublishers.noBody()
                        : HttpRequest.BodyPublishers.ofString(body))
                .build(), HttpResponse.BodyHandlers.ofString());
    }

    /** The signature by a program that shares no code with the product. */
    private String openssl(String key, HookReceiver.Request request) throws Exception {
        Path signed = folder.resolve("signed");
        Files.write(signed, (request.id() + '.' + request.timestamp() + '.' + new String(request.body(),
                StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8));
        Process process = new ProcessBuilder("openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt",
                "hexkey:" + HexFormat.of().formatHex(Base64.getDecoder().decode(key)), "-binary", signed.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        byte[] mac = process.getInputStream().readAllBytes();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return Base64.getEncoder().encodeToString(mac);
    }
}
