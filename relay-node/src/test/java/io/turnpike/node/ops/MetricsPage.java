package io.turnpike.node.ops;

import io.turnpike.node.usage.DropReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The relay's part of {@code docs/metrics.md}, made from the catalogue. Run {@code main} in the repository's root to
 * write it.
 */
final class MetricsPage {
    static final Path FILE = Path.of("docs", "metrics.md");
    static final String BEGIN = "<!-- relay metrics: made from NodeMetric -->";
    static final String END = "<!-- end of relay metrics -->";

    private MetricsPage() {}

    static String render() {
        StringBuilder page = new StringBuilder(BEGIN)
                .append("\n\n| Metric | Kind | Labels | Meaning |\n|---|---|---|---|\n");
        for (NodeMetric metric : NodeMetric.values()) {
            String labels = metric.labels().stream().map(label -> '`' + label + '`').collect(Collectors.joining(", "));
            page.append("| `").append(metric.exposedName()).append("` | ")
                    .append(metric.kind().name().toLowerCase(Locale.ROOT)).append(" | ").append(labels)
                    .append(" | ").append(metric.help()).append(" |\n");
        }
        page.append("\nValues of `reason` in `").append(NodeMetric.DROPPED_PACKETS.exposedName()).append("`: ");
        for (DropReason reason : DropReason.values()) {
            page.append(reason.ordinal() == 0 ? "" : ", ").append('`').append(reason.label()).append('`');
        }
        return page.append(".\n\n").append(END).toString();
    }

    static String partOf(String page) {
        return page.substring(page.indexOf(BEGIN), page.indexOf(END) + END.length());
    }

    public static void main(String[] arguments) throws IOException {
        String page = Files.readString(FILE);
        Files.writeString(FILE, page.replace(partOf(page), render()));
    }
}
