package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

/** The page of RFC requirements against the code: every class and test that it names exists. */
class RfcCoverageTest {
    private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern NAME = Pattern.compile("`(\\w+)(?:#(\\w+))?`");
    private static final Set<String> NOT_SOURCES = Set.of("target", "node_modules", ".git", ".turnpike");
    private static final int COLUMNS = 5;
    private static final int CLASS = 3;
    private static final int TEST = 4;

    @Test
    void everyRequirementNamesWhatMeetsItAndWhatProvesIt() throws IOException {
        Map<String, String> sources = sources();
        List<String> wrong = new ArrayList<>();
        rows().forEach((heading, rows) -> {
            if (rows.isEmpty()) {
                wrong.add(heading + ": no requirement");
            }
            rows.forEach(row -> complaint(row, sources, wrong));
        });
        assertThat(wrong).isEmpty();
    }

    private static void complaint(List<String> row, Map<String, String> sources, List<String> wrong) {
        if (row.size() != COLUMNS) {
            wrong.add(row + ": has not " + COLUMNS + " columns");
            return;
        }
        if (row.get(CLASS).matches("not (applicable|met): .+")) {
            return;
        }
        for (int column : List.of(CLASS, TEST)) {
            Matcher name = NAME.matcher(row.get(column));
            boolean named = false;
            while (name.find()) {
                named = true;
                String source = sources.get(name.group(1));
                if (source == null) {
                    wrong.add(row + ": there is no class " + name.group(1));
                } else if (name.group(2) != null && !source.contains(" " + name.group(2) + "(")) {
                    wrong.add(row + ": " + name.group(1) + " has no " + name.group(2));
                }
            }
            if (!named) {
                wrong.add(row + ": names nothing in column " + (column + 1));
            }
        }
        if (!row.get(TEST).matches("(`\\w*(Test|IT)(#\\w+)?`(, )?)+")) {
            wrong.add(row + ": the last column names something else than tests");
        }
    }

    /** The rows of each heading's table, without the two that make up its head. */
    private static Map<String, List<List<String>>> rows() throws IOException {
        Map<String, List<List<String>>> rows = new LinkedHashMap<>();
        List<List<String>> current = new ArrayList<>();
        for (String line : Files.readAllLines(REPOSITORY.resolve("docs/rfc-coverage.md"))) {
            if (line.startsWith("## ")) {
                current = new ArrayList<>();
                rows.put(line, current);
            } else if (line.startsWith("|") && !line.startsWith("|---") && !line.startsWith("| Section ")) {
                String cells = line.substring(1, line.lastIndexOf('|'));
                current.add(List.of(cells.split("(?<!\\\\)\\|", -1)).stream().map(String::trim).toList());
            }
        }
        return rows;
    }

    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        Files.walkFileTree(REPOSITORY, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                return NOT_SOURCES.contains(folder.getFileName().toString())
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                String name = file.getFileName().toString();
                if (name.endsWith(".java")) {
                    sources.merge(name.substring(0, name.length() - ".java".length()), Files.readString(file),
                            String::concat);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return sources;
    }
}
