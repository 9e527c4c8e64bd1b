package io.turnpike.benchmarks.queries;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** All samples by kind of question. Confined to one thread. */
final class QueryFigures {
    /** What is measured. */
    enum Measure {
        /** Owner asked: goal 50 ms. */
        USER_LOCAL("an hour of a user, its data here (ms)"),
        /** Owner is the other instance: goal 120 ms. */
        USER_FORWARDED("an hour of a user, its data on the other instance (ms)"),
        /** Wherever it is. */
        TENANT("an hour of the large tenant (ms)"),
        /** First time: nothing is cached. */
        TOP_FIRST("ten largest users of the large tenant, first time (ms)"),
        /** Goal 300 ms. */
        TOP("ten largest users of the large tenant (ms)"),
        /** A range of one bucket. */
        TOP_DAY("ten largest users of the large tenant, the running day (ms)"),
        /** How fast all users become a file. */
        EXPORT("all users as CSV (users a second)");

        private final String title;

        Measure(String title) {
            this.title = title;
        }
    }

    private static final double MEDIAN = 0.5;
    private static final double TAIL = 0.99;

    private final Map<Measure, double[]> samples = new EnumMap<>(Measure.class);

    void add(Measure measure, double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        samples.put(measure, sorted);
    }

    void print(PrintStream out) {
        samples.forEach(
                (measure, sorted) -> out.printf(Locale.ROOT, "  %-70s p50 %9.1f  p99 %9.1f  most %9.1f  of %,d%n",
                        measure.title, percentile(sorted, MEDIAN), percentile(sorted, TAIL), percentile(sorted, 1),
                        sorted.length));
    }

    void write(Path file) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode root = json.createObjectNode();
        samples.forEach((measure, sorted) -> root.putObject(measure.name()).put("title", measure.title)
                .putPOJO("samples", sorted));
        json.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), root);
    }

    /** The smallest sample that is at least as large as a share of all. */
    static double percentile(double[] sorted, double share) {
        return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
    }
}
