package io.turnpike.system.differential;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The explained differences: rows of a Markdown table that people read and the test holds against what it saw. */
final class DifferenceTable {
    static final String ANY = "any";
    private static final Set<String> RIGHT = Set.of("Turnpike", "coturn", "both");
    private static final int COLUMNS = 8;

    private final List<Row> rows;

    /** A row; {@code name} is {@link #ANY} for what holds in every case, {@code transport} for both. */
    record Row(String name, String transport, String aspect, String coturn, String turnpike, String right,
            String section, String reason) {
        boolean explains(String overTransport, Difference difference) {
            return (name.equals(ANY) || name.equals(difference.name()))
                    && (transport.equals(ANY) || transport.equals(overTransport))
                    && aspect.equals(difference.aspect()) && coturn.equals(difference.coturn())
                    && turnpike.equals(difference.turnpike());
        }
    }

    private DifferenceTable(List<Row> rows) {
        this.rows = rows;
    }

    /** Reads the rows of the one table of the page whose first column is Case. */
    static DifferenceTable read(Path page) throws IOException {
        List<Row> rows = new ArrayList<>();
        for (String line : Files.readAllLines(page)) {
            if (!line.startsWith("| ") || line.startsWith("| Case |") || line.startsWith("| --")) {
                continue;
            }
            String[] cells = Arrays.stream(line.substring(2, line.lastIndexOf('|')).split("\\|", -1))
                    .map(String::strip).toArray(String[]::new);
            if (cells.length != COLUMNS) {
                throw new AssertionError("not " + COLUMNS + " columns: " + line);
            }
            rows.add(new Row(cells[0], cells[1], cells[2], cells[3], cells[4], cells[5], cells[6], cells[7]));
        }
        return new DifferenceTable(List.copyOf(rows));
    }

    /** Rows that do not say who is right, by which section, and why; and rows that are there twice. */
    List<String> unfinished() {
        List<String> bad = new ArrayList<>();
        Set<List<String>> seen = new LinkedHashSet<>();
        for (Row row : rows) {
            boolean complete = RIGHT.contains(row.right()) && row.section().matches("(\\d{4} [\\d.]+(, )?)+")
                    && row.reason().length() > 20;
            if (!complete || !seen.add(List.of(row.name(), row.transport(), row.aspect(), row.coturn(),
                    row.turnpike()))) {
                bad.add(row.toString());
            }
        }
        return bad;
    }

    /** Differences that no row explains, as rows to be completed. */
    List<String> unexplained(String transport, List<Difference> differences) {
        return differences.stream()
                .filter(difference -> rows.stream().noneMatch(row -> row.explains(transport, difference)))
                .map(difference -> String.join(" | ", "| " + difference.name(), transport, difference.aspect(),
                        difference.coturn(), difference.turnpike(), "?", "?", "? |"))
                .toList();
    }

    /** Rows that say something of this transport which was not seen. */
    List<String> stale(String transport, List<Difference> differences) {
        return rows.stream().filter(row -> row.transport().equals(transport) || row.transport().equals(ANY))
                .filter(row -> differences.stream().noneMatch(difference -> row.explains(transport, difference)))
                .map(Row::toString).toList();
    }
}
