package io.turnpike.telemetry.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.turnpike.telemetry.query.Freshness;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;

/** JSON as the API reads and writes it. What is not known is {@code null}, instants are RFC 3339 in UTC. */
final class Json {
    /** Deepest nesting of a body. The deepest known one has three levels. */
    static final int MAX_DEPTH = 8;

    /** Reads bodies: bounded, without duplicate fields, nothing after the value. */
    static final JsonMapper READER = JsonMapper
            .builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH)
                            .maxStringLength(16 * 1024).maxNameLength(256).maxNumberLength(32).build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION).build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private Json() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static ArrayNode array() {
        return JsonNodeFactory.instance.arrayNode();
    }

    static byte[] bytes(ObjectNode node) {
        try {
            return READER.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree always renders", e);
        }
    }

    /** An answer: one line with its end, so that the prompt of a shell is not behind it. */
    static byte[] line(ObjectNode node) {
        byte[] text = bytes(node);
        byte[] line = Arrays.copyOf(text, text.length + 1);
        line[text.length] = '\n';
        return line;
    }

    /** Adds the fields of every answer that say how fresh it is. */
    static ObjectNode fresh(ObjectNode node, Freshness freshness) {
        node.put("asOf", time(freshness.asOf())).put("lagMs", freshness.lagMs()).put("complete", freshness.complete());
        ArrayNode missing = node.putArray("missingPartitions");
        freshness.missingPartitions().forEach(missing::add);
        return node.put("stale", freshness.stale());
    }

    /** RFC 3339 with milliseconds at most. */
    static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MILLIS).toString();
    }

    static void put(ObjectNode node, String field, OptionalLong value) {
        if (value.isPresent()) {
            node.put(field, value.getAsLong());
        } else {
            node.putNull(field);
        }
    }

    static void put(ObjectNode node, String field, OptionalInt value) {
        if (value.isPresent()) {
            node.put(field, value.getAsInt());
        } else {
            node.putNull(field);
        }
    }

    static void put(ObjectNode node, String field, Optional<Instant> value) {
        node.put(field, value.map(Json::time).orElse(null));
    }

    /** Counts by name, in the order of the names. */
    static ObjectNode counts(Map<String, Long> counts) {
        ObjectNode node = object();
        new TreeMap<>(counts).forEach(node::put);
        return node;
    }
}
