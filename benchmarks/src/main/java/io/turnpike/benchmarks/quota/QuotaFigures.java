package io.turnpike.benchmarks.quota;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.turnpike.benchmarks.Samples;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All samples by cluster and measure, in the order in which they came. Any thread adds. */
final class QuotaFigures {
    /** What is measured. */
    enum Measure {
        /** Milliseconds. */
        TENANT_KNOWN("a new tenant, from the API's answer until a relay takes its credential (ms)"),
        /** Percent of a round's. */
        GRANTED_SOON("questions for credit that were granted within 100 ms (%)"),
        /** Percent of a round's. */
        GRANTED_IN_TIME("questions for credit that were granted within 200 ms (%)"),
        /** Milliseconds, with the challenge and all questions in it. */
        FIRST_ALLOCATE("first Allocate of a tenant on a relay, which waits for a grant (ms)"),
        /** Milliseconds. */
        END_SPREAD("exhaustion, from the first relay's last byte to the last relay's (ms)"),
        /** Billable bytes. */
        OVER("forwarded beyond the quota (bytes)"),
        /** Percent of a tenant's volume. */
        UNUSED("left over when all relays are silent (% of the quota)"),
        /** Milliseconds. */
        REVIVED("a raised quota, from the API's answer until a relay forwards again (ms)"),
        /** Milliseconds. */
        SUSPENDED("a suspension, from the API's answer to a relay's last byte (ms)");

        private final String title;

        Measure(String title) {
            this.title = title;
        }
    }

    private final Map<String, Map<Measure, List<Double>>> values = new LinkedHashMap<>();

    synchronized void add(String cluster, Measure measure, double value) {
        values.computeIfAbsent(cluster, key -> new LinkedHashMap<>())
                .computeIfAbsent(measure, key -> new ArrayList<>()).add(value);
    }

    synchronized void print(PrintStream out) {
        values.forEach((cluster, byMeasure) -> {
            out.println(cluster);
            byMeasure.forEach((measure, samples) -> out.printf("  %-80s %s%n", measure.title,
                    new Samples(samples).describe()));
        });
    }

    synchronized void write(Path file) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode root = json.createObjectNode();
        values.forEach((cluster, byMeasure) -> {
            ObjectNode node = root.putObject(cluster);
            byMeasure.forEach((measure, samples) -> node.putObject(measure.name()).put("title", measure.title)
                    .putPOJO("samples", samples));
        });
        json.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), root);
    }
}
