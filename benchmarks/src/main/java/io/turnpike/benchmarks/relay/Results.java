package io.turnpike.benchmarks.relay;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
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

/** All figures by measure and server, in the order in which they came. */
final class Results {
    /** Above this share of its core the generator may be what limits. */
    static final double BUSY = 0.97;

    private final String own;
    private final Map<Measure, Map<String, List<Double>>> values = new EnumMap<>(Measure.class);
    private final Map<Measure, List<String>> notes = new EnumMap<>(Measure.class);

    /** @param own name of the server that is compared with the others */
    Results(String own) {
        this.own = own;
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

    Samples of(Measure measure, String server) {
        return new Samples(values.get(measure).get(server));
    }

    /** The own median over the best of the others'; empty if there is no other. */
    Optional<Double> ratio(Measure measure) {
        Map<String, List<Double>> byServer = values.getOrDefault(measure, Map.of());
        double[] others = byServer.keySet().stream().filter(server -> !server.equals(own))
                .mapToDouble(server -> of(measure, server).median()).toArray();
        return others.length == 0 || !byServer.containsKey(own)
                ? Optional.empty()
                : Optional.of(of(measure, own).median() / measure.best(others));
    }

    void print(PrintStream out) {
        values.forEach((measure, byServer) -> {
            out.println(measure.title() + " (" + measure.unit() + ")");
            byServer.keySet().forEach(server -> {
                Samples samples = of(measure, server);
                out.printf(Locale.ROOT, "  %-16s %12s   %s to %s, spread %.0f %%%n", server, show(samples.median()),
                        show(samples.least()), show(samples.most()), 100 * samples.spread());
            });
            ratio(measure).ifPresent(ratio -> out.printf(Locale.ROOT, "  ratio %.2f%s%n", ratio, goal(measure, ratio)));
            notes.getOrDefault(measure, List.of()).forEach(note -> out.println("  note: " + note));
        });
    }

    private static String goal(Measure measure, double ratio) {
        return measure.goal().map(goal -> String.format(Locale.ROOT, ", wanted %s %.2f: %s",
                measure.moreIsBetter() ? "at least" : "at most", goal, measure.isMet(ratio) ? "met" : "not met"))
                .orElse("");
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
            measure.goal().ifPresent(goal -> node.put("goal", goal));
            node.putPOJO("notes", notes.getOrDefault(measure, List.of()));
        });
        json.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), root);
    }
}
