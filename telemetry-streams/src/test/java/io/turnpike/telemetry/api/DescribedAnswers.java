package io.turnpike.telemetry.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Holds every answer of a running API to {@code openapi.yaml}: its status, its media type, and its JSON. */
final class DescribedAnswers {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNode DESCRIPTION = read();
    private static final SchemaCheck SCHEMAS = new SchemaCheck(DESCRIPTION);

    private DescribedAnswers() {}

    private static JsonNode read() {
        try (InputStream file = DescribedAnswers.class.getResourceAsStream("/openapi.yaml")) {
            return new YAMLMapper().readTree(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Fails if the answer is not described. Answers of paths and methods that are not described must be problems. */
    static void check(HttpResponse<String> answer) {
        String what = answer.request().method() + " " + answer.uri().getRawPath() + " " + answer.statusCode();
        String type = answer.headers().firstValue("Content-Type").orElse("").replaceFirst(";.*", "");
        Optional<JsonNode> operation = operation(answer.request().method(), answer.uri().getRawPath());
        if (operation.isEmpty() && answer.statusCode() < 400 || answer.statusCode() == 304
                || answer.request().method().equals("HEAD")) {
            return; // the dashboard's files; no body
        }
        JsonNode responses = operation.map(each -> each.get("responses")).orElse(
                JSON.createObjectNode().set("default", JSON.createObjectNode().put("$ref",
                        "#/components/responses/Problem")));
        JsonNode response = responses.has(String.valueOf(answer.statusCode()))
                ? responses.get(String.valueOf(answer.statusCode()))
                : responses.path("default");
        assertThat(response.isMissingNode()).as(what + " is not described").isFalse();
        JsonNode content = SCHEMAS.resolve(response).path("content");
        if (content.isMissingNode()) {
            assertThat(answer.body()).as(what).isEmpty();
            return;
        }
        assertThat(content.has(type)).as(what + " as " + type).isTrue();
        if (type.endsWith("json") && !type.endsWith("ndjson")) {
            assertThat(SCHEMAS.errors(content.get(type).get("schema"), json(answer.body()))).as(what).isEmpty();
        }
    }

    private static Optional<JsonNode> operation(String method, String path) {
        String verb = method.toLowerCase(Locale.ROOT);
        for (Map.Entry<String, JsonNode> entry : DESCRIPTION.get("paths").properties()) {
            String pattern = Pattern.quote(entry.getKey()).replaceAll("\\{[a-z]+}", "\\\\E[^/]+\\\\Q");
            if (path.matches(pattern) && entry.getValue().has(verb)) {
                return Optional.of(entry.getValue().get(verb));
            }
        }
        return Optional.empty();
    }

    private static JsonNode json(String body) {
        try {
            return JSON.readTree(body);
        } catch (IOException e) {
            throw new AssertionError("not JSON: " + body, e);
        }
    }
}
