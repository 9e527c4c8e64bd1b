package io.turnpike.telemetry.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A JSON object that a caller sent, read field by field; whatever does not fit becomes a {@link Problem} that names the
 * field. Messages never repeat what was sent, since it may be a secret.
 */
final class Body {
    private final JsonNode node;
    private final String path;

    private Body(JsonNode node, String path) {
        this.node = node;
        this.path = path;
    }

    /**
     * Reads an object that has no other than the named fields.
     *
     * @throws Problem if it is no such object
     */
    static Body parse(byte[] bytes, String... fields) {
        JsonNode node;
        try {
            node = Json.READER.readTree(bytes);
        } catch (JsonProcessingException e) {
            var at = e.getLocation();
            throw Problem.body("body",
                    "not readable as JSON (no duplicate fields, at most " + Json.MAX_DEPTH + " levels)"
                            + (at == null ? "" : ": line " + at.getLineNr() + ", column " + at.getColumnNr()));
        } catch (IOException e) {
            throw Problem.body("body", "not readable as JSON");
        }
        if (!node.isObject()) {
            throw Problem.body("body", "a JSON object is expected");
        }
        return new Body(node, "").only(fields);
    }

    private Body only(String... fields) {
        Set<String> known = new HashSet<>(Arrays.asList(fields));
        node.propertyStream().map(Map.Entry::getKey).filter(name -> !known.contains(name)).findFirst()
                .ifPresent(name -> {
                    throw Problem.body(path + name,
                            "there is no such field; known ones are " + String.join(", ", fields));
                });
        return this;
    }

    /** Text; empty if the field is absent or null. */
    Optional<String> text(String field, int maxLength) {
        return value(field).map(value -> {
            if (!value.isTextual()) {
                throw problem(field, "a string is expected");
            }
            String text = value.textValue();
            if (text.length() > maxLength) {
                throw problem(field, "at most " + maxLength + " characters");
            }
            return text;
        });
    }

    /** Text that must be there. */
    String requiredText(String field, int maxLength) {
        return text(field, maxLength).orElseThrow(() -> problem(field, "is required"));
    }

    /** One of the given constants; empty if the field is absent or null. */
    <E extends Enum<E>> Optional<E> oneOf(String field, EnumSet<E> constants) {
        return text(field, 64).map(text -> constants.stream().filter(constant -> constant.name().equals(text))
                .findFirst().orElseThrow(() -> problem(field, "must be one of "
                        + constants.stream().map(Enum::name).collect(Collectors.joining(", ")))));
    }

    /** True or false; empty if the field is absent or null. */
    Optional<Boolean> flag(String field) {
        return value(field).map(value -> {
            if (!value.isBoolean()) {
                throw problem(field, "true or false is expected");
            }
            return value.booleanValue();
        });
    }

    /** A whole number in the range; empty if the field is absent or null. */
    OptionalLong whole(String field, long least, long most) {
        Optional<JsonNode> value = value(field);
        if (value.isEmpty()) {
            return OptionalLong.empty();
        }
        if (!value.get().isIntegralNumber() || !value.get().canConvertToLong() || value.get().longValue() < least
                || value.get().longValue() > most) {
            throw problem(field, "must be a whole number from " + least + " to " + most);
        }
        return OptionalLong.of(value.get().longValue());
    }

    /** A whole number in the range; empty if the field is absent or null. */
    OptionalInt whole(String field, int least, int most) {
        OptionalLong value = whole(field, (long) least, (long) most);
        return value.isPresent() ? OptionalInt.of((int) value.getAsLong()) : OptionalInt.empty();
    }

    /** Whole numbers of an array that the rule takes; empty if the field is absent or null. */
    Optional<List<Integer>> wholes(String field, Predicate<List<Integer>> rule, String expected) {
        return value(field).map(value -> {
            List<Integer> numbers = new ArrayList<>();
            value.forEach(
                    each -> numbers.add(each.isIntegralNumber() && each.canConvertToInt() ? each.intValue() : null));
            if (!value.isArray() || numbers.contains(null) || !rule.test(numbers)) {
                throw problem(field, expected);
            }
            return numbers;
        });
    }

    /** Objects of an array, each with no other than the named fields; empty if the field is absent or null. */
    Optional<List<Body>> objects(String field, int most, String... fields) {
        return value(field).map(value -> {
            if (!value.isArray() || value.size() > most) {
                throw problem(field, "an array of at most " + most + " objects is expected");
            }
            List<Body> objects = new ArrayList<>();
            for (int i = 0; i < value.size(); i++) {
                String inner = path + field + "[" + i + "]";
                if (!value.get(i).isObject()) {
                    throw Problem.body(inner, "an object is expected");
                }
                objects.add(new Body(value.get(i), inner + ".").only(fields));
            }
            return objects;
        });
    }

    /** Texts of an array that the rule takes, in order; none if the field is absent or null. */
    List<String> texts(String field, int most, Predicate<String> rule, String expected) {
        return value(field).map(value -> {
            if (!value.isArray() || value.size() > most) {
                throw problem(field, "an array of at most " + most + " strings is expected");
            }
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < value.size(); i++) {
                if (!value.get(i).isTextual() || !rule.test(value.get(i).textValue())) {
                    throw problem(field + "[" + i + "]", expected);
                }
                texts.add(value.get(i).textValue());
            }
            return texts;
        }).orElse(List.of());
    }

    /** A problem with a field of this object. */
    Problem problem(String field, String detail) {
        return Problem.body(path + field, detail);
    }

    private Optional<JsonNode> value(String field) {
        return Optional.ofNullable(node.get(field)).filter(value -> !value.isNull());
    }
}
