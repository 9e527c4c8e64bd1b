package io.turnpike.ctl;

import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A body for a PUT: the fields as they are now, with those that the operator gave laid over them. */
final class Overlay {

    private final ObjectNode body = ApiClient.JSON.createObjectNode();

    /** Begins with these fields of what was read, if it exists. */
    Overlay(Optional<Answer> before, List<String> fields) {
        before.ifPresent(answer -> fields.stream().filter(answer.body()::has)
                .forEach(field -> body.set(field, answer.body().get(field))));
    }

    /** Sets a field, unless the value is null. */
    Overlay with(String field, String value) {
        if (value != null) {
            body.put(field, value);
        }
        return this;
    }

    /** Sets a field to a list without its empty texts, unless the value is null. */
    Overlay with(String field, List<String> values) {
        if (values != null) {
            ArrayNode list = body.putArray(field);
            values.stream().filter(value -> !value.isEmpty()).forEach(list::add);
        }
        return this;
    }

    /** Sets a field to a number, or to null for {@code none}, unless the value is null. */
    Overlay with(String field, Limit limit) {
        if (limit != null) {
            body.set(field, limit.json());
        }
        return this;
    }

    /** Sets a field to numbers, unless the value is null. */
    Overlay with(String field, Percents percents) {
        if (percents != null) {
            body.set(field, percents.json());
        }
        return this;
    }

    ObjectNode body() {
        return body;
    }
}
