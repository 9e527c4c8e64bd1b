package io.turnpike.ctl;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;

/** Speaks to the HTTP API; whatever is no good answer becomes an {@link ApiException} that says what to do. */
final class ApiClient {

    static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration SILENCE = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5)).build();
    private final String url;
    private final String token;
    private final Duration silence;

    /**
     * @param url
     *            the server, without a path
     * @param token
     *            bearer token; null for none
     */
    ApiClient(String url, String token) {
        this(url, token, SILENCE);
    }

    /**
     * @param silence
     *            after which an answer that has begun counts as cut off
     */
    ApiClient(String url, String token, Duration silence) {
        this.silence = silence;
        this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        this.token = token;
    }

    Answer get(Path path) {
        return send(request(path).GET());
    }

    /** Like {@link #get}, empty if there is no such resource. */
    Optional<Answer> find(Path path) {
        try {
            return Optional.of(get(path));
        } catch (ApiException e) {
            if (e.exitCode() == ExitCode.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Replaces what was read as {@code before}, or creates it; fails if somebody else was faster. */
    Answer put(Path path, JsonNode body, Optional<Answer> before) {
        HttpRequest.Builder request = request(path).header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(body.toString()));
        if (before.isEmpty()) {
            request.header("If-None-Match", "*");
        }
        before.flatMap(Answer::etag).ifPresent(etag -> request.header("If-Match", etag));
        return send(request);
    }

    Answer post(Path path, JsonNode body) {
        return send(request(path).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString())));
    }

    Answer delete(Path path) {
        return send(request(path).DELETE());
    }

    /**
     * Writes what the path answers to a file, which is there when all of it has come.
     *
     * @return its bytes
     */
    long download(Path path, java.nio.file.Path file) {
        HttpResponse<InputStream> response = exchange(request(path).setHeader("Accept", "*/*").GET().build());
        if (response.statusCode() != 200) {
            throw refusal(response, parse(text(response)));
        }
        try (InputStream body = new SteadyBody(response.body(), silence)) {
            return WholeFile.write(body, file);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private String text(HttpResponse<InputStream> response) {
        try (InputStream body = new SteadyBody(response.body(), silence)) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private ApiException failed(IOException e) {
        return new ApiException(ExitCode.UNAVAILABLE, "the connection to " + url + " failed: " + e.getMessage());
    }

    private HttpRequest.Builder request(Path path) {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path)).timeout(TIMEOUT)
                    .header("Accept", "application/json, application/problem+json");
            return token == null || token.isEmpty() ? request : request.header("Authorization", "Bearer " + token);
        } catch (IllegalArgumentException e) {
            throw new ApiException(ExitCode.USAGE, "--url or --token is not usable: " + e.getMessage());
        }
    }

    private Answer send(HttpRequest.Builder builder) {
        HttpResponse<InputStream> response = exchange(builder.build());
        JsonNode body = parse(text(response));
        if (response.statusCode() / 100 != 2) {
            throw refusal(response, body);
        }
        if (body == null) {
            throw new ApiException(ExitCode.UNAVAILABLE, url + " answered with something that is no JSON: is it"
                    + " Turnpike's telemetry API?");
        }
        return new Answer(body, response.headers().firstValue("ETag"));
    }

    private HttpResponse<InputStream> exchange(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (HttpTimeoutException e) {
            throw new ApiException(ExitCode.UNAVAILABLE, "no answer from " + url + " in time");
        } catch (ConnectException e) {
            throw new ApiException(ExitCode.UNAVAILABLE,
                    "cannot reach " + url + ": is Turnpike running, and is --url right?");
        } catch (IOException e) {
            throw failed(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ApiException(ExitCode.UNAVAILABLE, "interrupted");
        }
    }

    /** The body; a missing node if it is empty, null if it is no JSON. */
    private static JsonNode parse(String body) {
        if (body.isEmpty()) {
            return MissingNode.getInstance();
        }
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    private static ApiException refusal(HttpResponse<?> response, JsonNode body) {
        int status = response.statusCode();
        StringBuilder message = new StringBuilder();
        if (body == null || !body.hasNonNull("title")) {
            message.append("the server answered ").append(status);
        } else {
            message.append(body.get("title").asText());
            if (body.hasNonNull("field")) {
                message.append(": ").append(body.get("field").asText());
            }
            if (body.hasNonNull("detail")) {
                message.append(body.hasNonNull("field") ? " " : ": ").append(body.get("detail").asText());
            }
            message.append(" (").append(status).append(')');
        }
        response.headers().firstValue("Retry-After")
                .ifPresent(seconds -> message.append("; try again in ").append(seconds).append(" s"));
        if (status == 401) {
            message.append("; give --token or set TURNPIKE_TOKEN");
        }
        return new ApiException(exitCode(status), message.toString(),
                body == null ? MissingNode.getInstance() : body);
    }

    private static int exitCode(int status) {
        return switch (status) {
            case 404 -> ExitCode.NOT_FOUND;
            case 412 -> ExitCode.CHANGED;
            case 429, 502, 503, 504 -> ExitCode.UNAVAILABLE;
            default -> ExitCode.REFUSED;
        };
    }
}
