package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Checks JSON against the part of JSON Schema 2020-12 that {@code openapi.yaml} uses; a keyword that is not known here is a
 * failure, not passed over.
 */
final class SchemaCheck {
    private static final Set<String> CHECKED = Set.of("allOf", "type", "enum", "minimum", "maximum", "minLength",
            "maxLength", "pattern", "format", "items", "maxItems", "required", "properties", "additionalProperties",
            "unevaluatedProperties");
    private static final Set<String> FOR_PEOPLE = Set.of("description", "examples", "default");

    private final JsonNode document;

    SchemaCheck(JsonNode document) {
        this.document = document;
    }

    /** What is wrong, as {@code path message}; empty if nothing is. */
    List<String> errors(JsonNode schema, JsonNode value) {
        List<String> errors = new ArrayList<>();
        check(schema, value, "", errors);
        return errors;
    }

    /** Follows a reference. */
    JsonNode resolve(JsonNode node) {
        JsonNode target = node.has("$ref") ? document.at(node.get("$ref").textValue().substring(1)) : node;
        if (target.isMissingNode()) {
            throw new IllegalStateException("no such reference: " + node);
        }
        return target;
    }

    /** Checks, and answers with the fields that the schema describes. */
    private Set<String> check(JsonNode reference, JsonNode value, String path, List<String> errors) {
        JsonNode schema = resolve(reference);
        schema.fieldNames().forEachRemaining(keyword -> {
            if (!CHECKED.contains(keyword) && !FOR_PEOPLE.contains(keyword)) {
                throw new IllegalStateException("a keyword that is not checked: " + keyword);
            }
        });
        Set<String> described = new HashSet<>();
        schema.path("allOf").forEach(part -> described.addAll(check(part, value, path, errors)));
        if (schema.has("type") && !isOfType(schema.get("type"), value)) {
            errors.add(path + " is not of type " + schema.get("type"));
            return described;
        }
        if (schema.has("enum") && !contains(schema.get("enum"), value)) {
            errors.add(path + " is not one of " + schema.get("enum"));
        }
        if (schema.has("minimum") && value.isNumber() && value.doubleValue() < schema.get("minimum").doubleValue()) {
            errors.add(path + " is below " + schema.get("minimum"));
        }
        if (schema.has("maximum") && value.isNumber() && value.doubleValue() > schema.get("maximum").doubleValue()) {
            errors.add(path + " is above " + schema.get("maximum"));
        }
        if (value.isTextual()) {
            text(schema, value.textValue(), path, errors);
        }
        if (value.isArray() && value.size() > schema.path("maxItems").asInt(Integer.MAX_VALUE)) {
            errors.add(path + " has more than " + schema.get("maxItems") + " entries");
        }
        if (schema.path("format").asText().equals("date-time") && value.isTextual() && !isTime(value.textValue())) {
            errors.add(path + " is no time in UTC");
        }
        if (value.isArray() && schema.has("items")) {
            for (int i = 0; i < value.size(); i++) {
                check(schema.get("items"), value.get(i), path + "/" + i, errors);
            }
        }
        if (value.isObject()) {
            fields(schema, value, path, errors, described);
        }
        return described;
    }

    private static void text(JsonNode schema, String text, String path, List<String> errors) {
        int length = text.codePointCount(0, text.length());
        if (length < schema.path("minLength").asInt(0) || length > schema.path("maxLength").asInt(Integer.MAX_VALUE)) {
            errors.add(path + " is too short or too long");
        }
        if (schema.has("pattern") && !Pattern.compile(schema.get("pattern").textValue()).matcher(text).find()) {
            errors.add(path + " does not match " + schema.get("pattern"));
        }
    }

    private void fields(JsonNode schema, JsonNode value, String path, List<String> errors, Set<String> described) {
        schema.path("required").forEach(name -> {
            if (!value.has(name.textValue())) {
                errors.add(path + "/" + name.textValue() + " is missing");
            }
        });
        schema.path("properties").properties().forEach(property -> {
            described.add(property.getKey());
            if (value.has(property.getKey())) {
                check(property.getValue(), value.get(property.getKey()), path + "/" + property.getKey(), errors);
            }
        });
        JsonNode additional = schema.path("additionalProperties");
        boolean isClosed = additional.isBoolean() && !additional.booleanValue()
                || schema.path("unevaluatedProperties").isBoolean();
        value.properties().forEach(field -> {
            if (!described.contains(field.getKey()) && additional.isObject()) {
                check(additional, field.getValue(), path + "/" + field.getKey(), errors);
            } else if (!described.contains(field.getKey()) && isClosed) {
                errors.add(path + "/" + field.getKey() + " is not described");
            }
        });
    }

    private static boolean isOfType(JsonNode type, JsonNode value) {
        if (type.isArray()) {
            for (JsonNode one : type) {
                if (isOfType(one, value)) {
                    return true;
                }
            }
            return false;
        }
        return switch (type.textValue()) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isTextual();
            case "integer" -> value.isIntegralNumber();
            case "number" -> value.isNumber();
            case "boolean" -> value.isBoolean();
            case "null" -> value.isNull();
            default -> throw new IllegalStateException("unknown type " + type);
        };
    }

    private static boolean contains(JsonNode constants, JsonNode value) {
        for (JsonNode constant : constants) {
            if (constant.equals(value)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isTime(String text) {
        try {
            Instant.parse(text);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }
}
