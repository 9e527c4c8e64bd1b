package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;

/**
 * What a caller gives to get the next page. It holds the place of the last entry in the order, not an offset, so that
 * changing figures neither repeat nor skip what stands still. {@link Cursors} vouches that the list itself has made it, in
 * this version of the program or another one.
 */
final class Cursor {
    private final JsonNode node;

    Cursor(JsonNode place) {
        node = place;
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
        if (value == null || !value.canConvertToLong()) {
            throw foreign();
        }
        return value.longValue();
    }

    Instant time(String field) {
        try {
            return Instant.parse(text(field));
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
