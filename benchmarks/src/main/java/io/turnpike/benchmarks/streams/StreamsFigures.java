package io.turnpike.benchmarks.streams;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.turnpike.benchmarks.Samples;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** All samples by measure, in the order of the rounds. Confined to the benchmark's thread. */
final class StreamsFigures {
    /** What is measured. */
    enum Measure {
        RATE, STREAM_CPU, PROCESS_CPU, SENT, COMMIT, READER_RATE, READER_CPU, OF_LIMIT, PACED_LAG, PACED_COMMIT, STATE, RESTORE, RESTART;

        private String title() {
            return switch (this) {
                case RATE -> "records per second and stream thread (wanted: 60,000)";
                case STREAM_CPU -> "CPU of the stream threads for a record (us; wanted: 25)";
                case PROCESS_CPU -> "CPU of the whole process for a record, the broker in it (us)";
                case SENT -> "records written to Kafka for a record";
                case COMMIT -> "a commit at full load, average (ms)";
                case READER_RATE -> "plain consumer into a hash map: records per second (the limit)";
                case READER_CPU -> "plain consumer: CPU for a record (us)";
                case OF_LIMIT -> "rate of a stream thread over the plain consumer's";
                case PACED_LAG -> "answers behind the clock at the steady rate (ms)";
                case PACED_COMMIT -> "a commit at the steady rate, average (ms)";
                case STATE -> "stores on disk at the end (MiB)";
                case RESTORE -> "from a start without stores until it answers (s)";
                case RESTART -> "from a start with them until it answers (s)";
            };
        }
    }

    private final Map<Measure, List<Double>> values = new EnumMap<>(Measure.class);

    void add(Measure measure, double value) {
        values.computeIfAbsent(measure, key -> new ArrayList<>()).add(value);
    }

    void print(PrintStream out) {
        out.printf("%-66s %12s %12s %12s%n", "", "median", "least", "most");
        values.forEach((measure, samples) -> {
            Samples of = new Samples(samples);
            out.printf(Locale.ROOT, "%-66s %,12.2f %,12.2f %,12.2f%n", measure.title(), of.median(), of.least(),
                    of.most());
        });
    }

    void write(Path file) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode root = json.createObjectNode();
        values.forEach((measure, samples) -> root.putObject(measure.name()).put("title", measure.title())
                .putPOJO("samples", samples));
        json.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), root);
    }
}
