package io.turnpike.ctl;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;

/** Text in aligned columns, for people; numbers are aligned to the right. */
final class Table {

    private final List<String> titles;
    private final List<List<String>> rows = new ArrayList<>();
    private final boolean[] numeric;

    Table(String... titles) {
        this.titles = List.of(titles);
        this.numeric = new boolean[titles.length];
    }

    /** Adds a row; a number is a numeric cell, a missing value a dash. */
    Table row(Object... cells) {
        if (cells.length != titles.size()) {
            throw new IllegalArgumentException("the table has " + titles.size() + " columns");
        }
        List<String> row = new ArrayList<>();
        for (int i = 0; i < cells.length; i++) {
            numeric[i] |= cells[i] instanceof JsonNode node ? node.isNumber() : cells[i] instanceof Number;
            row.add(text(cells[i]));
        }
        rows.add(row);
        return this;
    }

    void print(PrintWriter out) {
        int[] widths = new int[titles.size()];
        measure(widths, titles);
        rows.forEach(row -> measure(widths, row));
        out.println(line(widths, titles));
        rows.forEach(row -> out.println(line(widths, row)));
    }

    /** A value as a cell shows it. */
    static String text(Object value) {
        if (value instanceof JsonNode node) {
            if (node.isMissingNode() || node.isNull() || node.isTextual() && node.textValue().isEmpty()) {
                return "-";
            }
            return printable(node.isValueNode() ? node.asText() : node.toString());
        }
        return value == null ? "-" : printable(value.toString());
    }

    /** Names come from strangers: nothing in them may move the terminal's cursor. */
    private static String printable(String text) {
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints().forEach(c -> safe.appendCodePoint(Character.isISOControl(c) ? '?' : c));
        return safe.toString();
    }

    private static void measure(int[] widths, List<String> row) {
        for (int i = 0; i < widths.length; i++) {
            widths[i] = Math.max(widths[i], row.get(i).length());
        }
    }

    private String line(int[] widths, List<String> row) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String padding = " ".repeat(widths[i] - row.get(i).length());
            line.append(numeric[i] ? padding + row.get(i) : row.get(i) + padding).append("  ");
        }
        return line.toString().stripTrailing();
    }
}
