package io.turnpike.benchmarks.queries;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.turnpike.benchmarks.MemoryUse;
import io.turnpike.benchmarks.Samples;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** All samples by kind of question, and what the process held. Confined to one thread. */
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

    private final Map<Measure, Samples> samples = new EnumMap<>(Measure.class);
    private final Map<String, MemoryUse> memory = new LinkedHashMap<>();

    void add(Measure measure, double... values) {
        samples.put(measure, new Samples(Arrays.stream(values).boxed().toList()));
    }

    /** What the process holds at a moment, which the name tells. */
    void hold(String moment, MemoryUse use) {
        memory.put(moment, use);
    }

    void print(PrintStream out) {
        memory.forEach((moment, use) -> out.printf("  %-70s %s%n", moment, use.describe()));
        samples.forEach((measure, values) -> out.printf("  %-70s %s%n", measure.title, values.describe()));
    }

    void write(Path file) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode root = json.createObjectNode();
        samples.forEach((measure, values) -> root.putObject(measure.name()).put("title", measure.title)
                .putPOJO("samples", values.values()));
        ObjectNode moments = root.putObject("MEMORY");
        memory.forEach((moment, use) -> moments.putObject(moment).put("heapBytes", use.heapBytes())
                .put("heapCommittedBytes", use.heapCommittedBytes()).put("residentBytes", use.residentBytes()));
        json.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), root);
    }
}
