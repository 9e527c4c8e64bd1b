package io.turnpike.benchmarks.relay;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.turnpike.benchmarks.Samples;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** All figures by measure and server, in the order in which they came. */
final class Results {
    /** Above this share of its core the generator may be what limits. */
    static final double BUSY = 0.97;
    private static final String ROW = "%-74s %12s %12s %7s %12s  %s%n";

    private final String own;
    private final String floor;
    private final boolean judged;
    private final Map<Measure, Map<String, List<Double>>> values = new EnumMap<>(Measure.class);
    private final Map<Measure, List<String>> notes = new EnumMap<>(Measure.class);
    private final List<String> failures = new ArrayList<>();

    /**
     * @param own name of the server that is compared with the others
     * @param floor name of what does less than a server, and is shown beside them
     * @param judged whether the others are what the goals are about
     */
    Results(String own, String floor, boolean judged) {
        this.own = own;
        this.floor = floor;
        this.judged = judged;
    }

    void add(Measure measure, String server, double value) {
        values.computeIfAbsent(measure, key -> new LinkedHashMap<>())
                .computeIfAbsent(server, key -> new ArrayList<>()).add(value);
    }

    /** Something that a reader of the figure must know; said once. */
    void note(Measure measure, String text) {
        List<String> known = notes.computeIfAbsent(measure, key -> new ArrayList<>());
        if (!known.contains(text)) {
            known.add(text);
        }
    }

    /** Something that could not be measured, and why; said once. */
    void fail(String step, String server, String reason) {
        String text = step + " against " + server + ": " + reason;
        if (!failures.contains(text)) {
            failures.add(text);
        }
    }

    boolean hasFailures() {
        return !failures.isEmpty();
    }

    /** The figure that came last, if any has. */
    OptionalDouble last(Measure measure, String server) {
        List<Double> known = values.getOrDefault(measure, Map.of()).getOrDefault(server, List.of());
        return known.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(known.get(known.size() - 1));
    }

    Samples of(Measure measure, String server) {
        return new Samples(values.get(measure).get(server));
    }

    /** The best median of the others; empty if there is none. */
    Optional<Double> bestOfOthers(Measure measure) {
        double[] others = values.getOrDefault(measure, Map.of()).keySet().stream()
                .filter(server -> !server.equals(own) && !server.equals(floor))
                .mapToDouble(server -> of(measure, server).median()).toArray();
        return others.length == 0 ? Optional.empty() : Optional.of(measure.best(others));
    }

    private Optional<Double> median(Measure measure, String server) {
        return values.getOrDefault(measure, Map.of()).containsKey(server)
                ? Optional.of(of(measure, server).median())
                : Optional.empty();
    }

    /** The own median over the best of the others'; empty if one of them is missing. */
    Optional<Double> ratio(Measure measure) {
        return median(measure, own).flatMap(figure -> bestOfOthers(measure).map(best -> figure / best));
    }

    /** What came of a goal, such as {@code at most 0.85: met}; empty if there is none, or nothing to compare with it. */
    Optional<String> verdict(Measure measure) {
        return measure.goal().filter(goal -> judged)
                .flatMap(goal -> (goal.of() == Goal.Of.RATIO ? ratio(measure) : median(measure, own))
                        .map(value -> goal.wanted() + ": " + (goal.isMet(value) ? "met" : "not met")));
    }

    /** Every figure with its spread, then a table of all. */
    void print(PrintStream out) {
        values.forEach((measure, byServer) -> {
            out.println(measure.title() + " (" + measure.unit() + ")");
            byServer.keySet().forEach(server -> {
                Samples samples = of(measure, server);
                out.printf(Locale.ROOT, "  %-16s %12s   %s to %s, spread %.0f %%%n", server, show(samples.median()),
                        show(samples.least()), show(samples.most()), 100 * samples.spread());
            });
            ratio(measure).ifPresent(ratio -> out.printf(Locale.ROOT, "  ratio %.2f%n", ratio));
            verdict(measure).ifPresent(verdict -> out.println("  wanted " + verdict));
            notes.getOrDefault(measure, List.of()).forEach(note -> out.println("  note: " + note));
        });
        out.println();
        out.printf(ROW, "median", own, "best other", "ratio", floor, "wanted");
        values.keySet().forEach(measure -> out.printf(ROW, measure.title() + " (" + measure.unit() + ")",
                median(measure, own).map(Results::show).orElse("-"),
                bestOfOthers(measure).map(Results::show).orElse("-"),
                ratio(measure).map(Results::show).orElse("-"), median(measure, floor).map(Results::show).orElse("-"),
                verdict(measure).orElse("")));
        failures.forEach(failure -> out.println("NOT MEASURED " + failure));
    }

    private static String show(double value) {
        return String.format(Locale.ROOT, value < 100 ? "%.2f" : "%,.0f", value);
    }

    void write(Path file, Map<String, String> machine) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode root = json.createObjectNode();
        ObjectNode about = root.putObject("machine");
        machine.forEach(about::put);
        ObjectNode measures = root.putObject("measures");
        values.forEach((measure, byServer) -> {
            ObjectNode node = measures.putObject(measure.name());
            node.put("title", measure.title()).put("unit", measure.unit());
            byServer.forEach((server, samples) -> node.putPOJO(server, samples));
            ratio(measure).ifPresent(ratio -> node.put("ratio", ratio));
            measure.goal().ifPresent(goal -> node.put("goal", goal.wanted()).put("goalOf", goal.of().name()));
            verdict(measure).ifPresent(verdict -> node.put("met", verdict.endsWith(": met")));
            node.putPOJO("notes", notes.getOrDefault(measure, List.of()));
        });
        root.putPOJO("notMeasured", failures);
        json.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), root);
    }
}
