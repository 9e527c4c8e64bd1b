package io.turnpike.node.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The relay's part of {@code docs/configuration.md}, made from {@code reference.conf}. Run {@code main} in the
 * repository's root to write it.
 */
final class ConfigurationPage {
    static final Path FILE = Path.of("docs", "configuration.md");
    static final String BEGIN = "<!-- relay keys: made from reference.conf -->";
    static final String END = "<!-- end of relay keys -->";

    private static final Pattern LAST_LINE = Pattern
            .compile("(?<unit>.+)\\. Environment: (?<environment>[A-Z0-9_]+)\\. Reloads: (?<reloads>yes|no)\\.");

    private ConfigurationPage() {}

    /** One documented key. */
    record Entry(String key, String unit, String defaultValue, String environment, String reloads, String meaning,
            int line) {}

    static List<Entry> entries(Config reference) {
        List<Entry> entries = new ArrayList<>();
        collect("", reference.root(), entries);
        entries.sort(Comparator.comparingInt(Entry::line));
        return entries;
    }

    private static void collect(String prefix, ConfigObject object, List<Entry> entries) {
        for (Map.Entry<String, ConfigValue> field : object.entrySet()) {
            String key = prefix + field.getKey();
            if (field.getValue().valueType() == ConfigValueType.OBJECT) {
                collect(key + '.', (ConfigObject) field.getValue(), entries);
            } else {
                entries.add(entry(key, field.getValue()));
            }
        }
    }

    private static Entry entry(String key, ConfigValue value) {
        List<String> comments = value.origin().comments().stream().map(String::trim).toList();
        if (comments.size() < 2) {
            throw new IllegalStateException(key + " has no description");
        }
        Matcher last = LAST_LINE.matcher(comments.get(comments.size() - 1));
        if (!last.matches()) {
            throw new IllegalStateException(key + " must end with 'UNIT. Environment: NAME. Reloads: yes|no.'");
        }
        String meaning = String.join(" ", comments.subList(0, comments.size() - 1));
        return new Entry(key, last.group("unit"), value.render(ConfigRenderOptions.concise()),
                last.group("environment"), last.group("reloads"), meaning, value.origin().lineNumber());
    }

    static String render(Config reference) {
        StringBuilder page = new StringBuilder(BEGIN).append("\n\n");
        page.append("| Key | Unit | Default | Environment | Reloads | Meaning |\n|---|---|---|---|---|---|\n");
        for (Entry entry : entries(reference)) {
            String standard = entry.defaultValue().equals("null") ? "none" : '`' + entry.defaultValue() + '`';
            page.append("| `").append(entry.key()).append("` | ").append(entry.unit()).append(" | ").append(standard)
                    .append(" | `").append(entry.environment()).append("` | ").append(entry.reloads()).append(" | ")
                    .append(entry.meaning()).append(" |\n");
        }
        return page.append('\n').append(END).toString();
    }

    static String partOf(String page) {
        return page.substring(page.indexOf(BEGIN), page.indexOf(END) + END.length());
    }

    public static void main(String[] arguments) throws IOException {
        String page = Files.readString(FILE);
        Files.writeString(FILE, page.replace(partOf(page), render(ConfigReader.reference())));
    }
}
