package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.turnpike.contract.SecretSeal;
import io.turnpike.telemetry.webhook.TargetRules;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * An API server over a {@link FakeTelemetry}, and a client for it that lets nothing pass that is not described. As a static extension
 * of a test class it serves all its tests, and each of them begins with the tenants that it was given and nothing else.
 */
final class RunningApi implements BeforeEachCallback, AfterAllCallback, AutoCloseable {
    static final String OPERATOR = "operator-token";
    static final String ACME = "acme-token";

    private static final ObjectMapper JSON = new ObjectMapper();

    final SecretSeal seal = SecretSeal.withKey(SecretSeal.newKey());
    final FakeTelemetry telemetry;
    final ApiServer server;
    private final List<String> tenants;
    private final HttpClient client = HttpClient.newHttpClient();

    /** What came back. */
    record Answer(int status, HttpResponse<String> raw) {
        JsonNode json() {
            try {
                return JSON.readTree(raw.body());
            } catch (IOException e) {
                throw new AssertionError("not JSON: " + raw.body(), e);
            }
        }

        String header(String name) {
            return raw.headers().firstValue(name).orElse("");
        }
    }

    RunningApi(Clock clock, String... tenants) {
        this(clock, true, Duration.ofSeconds(10), tenants);
    }

    RunningApi(Clock clock, boolean anonymousRead, Duration commandTimeout, String... tenants) {
        this.tenants = List.of(tenants);
        telemetry = new FakeTelemetry(clock);
        try {
            server = ApiServer.start(new ApiConfig("127.0.0.1", 0,
                    List.of(ApiToken.operator("ops", OPERATOR), ApiToken.tenant("acme-reader", ACME, "acme")),
                    anonymousRead, List.of("turn:127.0.0.1:3478?transport=udp", "turn:127.0.0.1:3478?transport=tcp"),
                    seal,
                    commandTimeout, new TargetRules(false, List.of())::refusal), telemetry.sources());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        telemetry.clear();
        tenants.forEach(tenant -> put("/v1/tenants/" + tenant, "{}"));
    }

    @Override
    public void afterAll(ExtensionContext context) {
        close();
    }

    Answer get(String path, String... headers) {
        return send(request(path, headers).GET());
    }

    Answer put(String path, String body, String... headers) {
        return send(operator(path, headers).PUT(BodyPublishers.ofString(body)));
    }

    Answer post(String path, String body, String... headers) {
        return send(operator(path, headers).POST(BodyPublishers.ofString(body)));
    }

    Answer delete(String path, String... headers) {
        return send(operator(path, headers).DELETE());
    }

    Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
            DescribedAnswers.check(response);
            return new Answer(response.statusCode(), response);
        } catch (IOException e) {
            throw new AssertionError("no answer", e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    HttpRequest.Builder request(String path, String... headers) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(server.uri() + path.substring(1)));
        return headers.length == 0 ? builder : builder.headers(headers);
    }

    private HttpRequest.Builder operator(String path, String... headers) {
        HttpRequest.Builder builder = request(path, headers);
        return List.of(headers).contains("Authorization") ? builder : builder.header("Authorization", bearer(OPERATOR));
    }

    static String bearer(String token) {
        return "Bearer " + token;
    }

    @Override
    public void close() {
        server.close();
    }
}
