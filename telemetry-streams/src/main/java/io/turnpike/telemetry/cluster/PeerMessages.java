package io.turnpike.telemetry.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What instances say to each other, as JSON. Fields that a newer version added are passed over. */
final class PeerMessages {
    private static final JsonMapper JSON = JsonMapper.builder().addModule(new Jdk8Module())
            .addModule(new JavaTimeModule()).disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private PeerMessages() {}

    /**
     * A question to an instance about partitions that it has.
     *
     * @param kind name of the kind of question
     * @param partitions which partitions
     * @param budgetMillis after this long nobody waits for the answer any more
     * @param question the question itself
     */
    record Request(String kind, List<Integer> partitions, long budgetMillis, JsonNode question) {}

    /**
     * What it answered.
     *
     * @param parts by partition
     * @param away why it has no answer, by partition
     */
    record Response(Map<Integer, RawPart> parts, Map<Integer, String> away) {}

    /** A {@link Part} whose kind is not known yet. */
    record RawPart(JsonNode answer, Optional<Instant> copyAsOf) {}

    static byte[] bytes(Record message) {
        try {
            return JSON.writeValueAsBytes(message);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("records of plain values always render", e);
        }
    }

    static JsonNode tree(Record value) {
        return JSON.valueToTree(value);
    }

    /** @throws IOException if the bytes are no such message */
    static <T> T read(byte[] bytes, Class<T> type) throws IOException {
        T message = JSON.readValue(bytes, type);
        if (message == null) {
            throw new IOException("null is no message");
        }
        return message;
    }

    /** @throws IOException if the value is no such record */
    static <T> T read(JsonNode value, Class<T> type) throws IOException {
        T record = JSON.treeToValue(value, type);
        if (record == null) {
            throw new IOException("null is no " + type.getSimpleName());
        }
        return record;
    }

    /** The parts of an answer to one kind of question. */
    static <A extends Record> Map<Integer, Part<A>> parts(Response response, Class<A> type) throws IOException {
        Map<Integer, Part<A>> parts = new HashMap<>();
        for (Map.Entry<Integer, RawPart> raw : response.parts().entrySet()) {
            parts.put(raw.getKey(),
                    new Part<>(read(raw.getValue().answer(), type), raw.getValue().copyAsOf()));
        }
        return parts;
    }
}
