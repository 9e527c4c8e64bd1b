package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents point at things that exist: a renamed class or page breaks the build, not the reader. */
class DocumentationTest {
    private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern LINK = Pattern.compile("\\[[^]]*]\\(([^)\\s]+)\\)");
    private static final int STEPS_OF_THE_PATH = 16;

    @Test
    void everyRelativeLinkOfEveryPageExists() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path page : pages()) {
            for (String target : links(page)) {
                if (!Files.exists(page.resolveSibling(target).normalize())) {
                    broken.add(REPOSITORY.relativize(page) + " -> " + target);
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void thePathTableNamesAClassForEveryStep() throws IOException {
        List<String> rows = Files.readAllLines(REPOSITORY.resolve("ARCHITECTURE.md")).stream()
                .filter(line -> line.matches("\\| *\\d+ *\\|.*")).toList();

        assertThat(rows).hasSize(STEPS_OF_THE_PATH).allSatisfy(row -> assertThat(row).contains(".java)"));
    }

    @Test
    void aClassIsLinkedUnderItsOwnName() throws IOException {
        Pattern classLink = Pattern.compile("\\[`(\\w+)`]\\(([^)]+\\.java)\\)");
        for (Path page : pages()) {
            Matcher matcher = classLink.matcher(Files.readString(page));
            while (matcher.find()) {
                assertThat(Path.of(matcher.group(2)).getFileName()).as(page.toString())
                        .hasToString(matcher.group(1) + ".java");
            }
        }
    }

    @Test
    void everyDecisionIsInTheIndex() throws IOException {
        Path decisions = REPOSITORY.resolve("docs/decisions");
        String index = Files.readString(decisions.resolve("README.md"));
        try (Stream<Path> files = Files.list(decisions)) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> name.matches("\\d{4}-.*")))
                    .isNotEmpty().allSatisfy(name -> assertThat(index).contains("](" + name + ")"));
        }
    }

    private static List<String> links(Path page) {
        try {
            Matcher matcher = LINK.matcher(Files.readString(page));
            List<String> targets = new ArrayList<>();
            while (matcher.find()) {
                String target = matcher.group(1).replaceFirst("#.*", "");
                if (!target.isEmpty() && !target.matches("[a-z]+:.*")) {
                    targets.add(target);
                }
            }
            return targets;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.walk(REPOSITORY)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> Stream.of("target", "node_modules", ".git", ".turnpike")
                            .noneMatch(skipped -> file.toString().contains("/" + skipped + "/")))
                    .toList();
        }
    }
}
