package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

/**
 * The text by which a caller asks for the next page. It holds the place of the last entry in the order, not an offset,
 * so that changing figures neither repeat nor skip what stands still. It is opaque, not secret: rights are checked on the
 * path.
 */
final class Cursor {
    private final JsonNode node;

    private Cursor(JsonNode node) {
        this.node = node;
    }

    static String of(ObjectNode place) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Json.bytes(place));
    }

    /** The cursor of the call, if it has one. */
    static Optional<Cursor> in(Call call) {
        return call.parameter("cursor").map(text -> {
            try {
                JsonNode node = Json.READER.readTree(Base64.getUrlDecoder().decode(text));
                if (node.isObject()) {
                    return new Cursor(node);
                }
            } catch (IOException | IllegalArgumentException e) {
                throw foreign();
            }
            throw foreign();
        });
    }

    String text(String field) {
        JsonNode value = node.get(field);
        if (value == null || !value.isTextual()) {
            throw foreign();
        }
        return value.textValue();
    }

    long number(String field) {
        JsonNode value = node.get(field);
        if (value == null || !value.isIntegralNumber() || !value.canConvertToLong()) {
            throw foreign();
        }
        return value.longValue();
    }

    Instant time(String field) {
        try {
            Instant time = Instant.parse(text(field));
            if (!UsageWindow.isPossible(time)) {
                throw foreign();
            }
            return time;
        } catch (DateTimeException e) {
            throw foreign();
        }
    }

    boolean has(String field) {
        return node.has(field);
    }

    static Problem foreign() {
        return Problem.parameter("cursor", "is not one that this list gave");
    }
}
