package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Supplier;

/** What machines ask: health, metrics, and the API's own description. */
final class HealthResource {
    private static final MediaType PROMETHEUS = MediaType.parse("text/plain; version=0.0.4; charset=utf-8");
    private static final MediaType YAML = MediaType.parse("application/yaml; charset=utf-8");

    private final Supplier<Readiness> readiness;
    private final Supplier<String> metrics;
    private final String openApi;

    HealthResource(Supplier<Readiness> readiness, Supplier<String> metrics) {
        this.readiness = readiness;
        this.metrics = metrics;
        this.openApi = resource("/openapi.yaml");
    }

    Reply live(Call call) {
        return Reply.json(HttpStatus.OK, Json.object().put("status", "UP"));
    }

    Reply ready(Call call) {
        Readiness now = readiness.get();
        if (!now.ready()) {
            Problem problem = Problem.unavailable(now.detail(), Duration.ofSeconds(1));
            now.restore().ifPresent(restore -> problem.with("restoring", restoring(restore)));
            throw problem;
        }
        return Reply.json(HttpStatus.OK, Json.object().put("status", "READY"));
    }

    private static ObjectNode restoring(Readiness.Restore restore) {
        ObjectNode node = Json.object();
        ArrayNode stores = node.putArray("stores");
        restore.stores().forEach(stores::add);
        return node.put("recordsLeft", restore.recordsLeft()).put("percentDone", restore.percentDone());
    }

    Reply metrics(Call call) {
        return Reply.text(PROMETHEUS, metrics.get());
    }

    Reply openApi(Call call) {
        return Reply.text(YAML, openApi);
    }

    private static String resource(String name) {
        try (InputStream stream = HealthResource.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IllegalStateException("the program lacks its resource " + name);
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the resource " + name, e);
        }
    }
}
