package io.turnpike.ctl;

import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Percents as an operator writes them: whole numbers with commas between them, or {@code none}.
 *
 * @param json
 *            an array of numbers
 */
record Percents(ArrayNode json) {

    static final class Converter implements ITypeConverter<Percents> {
        @Override
        public Percents convert(String text) {
            ArrayNode numbers = ApiClient.JSON.createArrayNode();
            if (!text.equals("none")) {
                for (String number : text.split(",", -1)) {
                    numbers.add(percent(number.strip()));
                }
            }
            return new Percents(numbers);
        }

        private static int percent(String number) {
            try {
                return Integer.parseInt(number);
            } catch (NumberFormatException e) {
                throw new TypeConversionException("'" + number + "' is no percent: write whole numbers, such as 80,95,"
                        + " or none");
            }
        }
    }

    /** Numbers of an answer as a cell shows them. */
    static String text(JsonNode numbers) {
        return numbers.isEmpty()
                ? "-"
                : StreamSupport.stream(numbers.spliterator(), false).map(JsonNode::asText)
                        .collect(Collectors.joining(","));
    }
}
