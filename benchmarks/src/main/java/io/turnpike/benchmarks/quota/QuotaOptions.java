package io.turnpike.benchmarks.quota;

import io.turnpike.benchmarks.Arguments;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the command line asks for.
 *
 * @param relays sizes of the clusters that are measured, 1 to 8 each
 * @param tenants numbers of tenants that use each cluster at the same time
 * @param loads whether the cluster is busy with something else, each once
 * @param rounds of every combination
 * @param volumeBytes billable bytes that all tenants of a round may use together
 * @param json where the figures go for machines
 */
record QuotaOptions(List<Integer> relays, List<Integer> tenants, List<Boolean> loads, int rounds, long volumeBytes,
        Optional<Path> json) {
    private static final int MOST_RELAYS = 8;
    private static final int MOST_TENANTS = 100;
    private static final int MOST_ROUNDS = 100;
    private static final int MOST_MEBIBYTES = 4_096;
    private static final long MEBIBYTE = 1 << 20;
    private static final int DEFAULT_MEBIBYTES = 64;
    private static final int QUICK_MEBIBYTES = 4;

    /**
     * Reads a command line.
     *
     * @throws IllegalArgumentException with a message for people, if it is none
     */
    static QuotaOptions parse(String... line) {
        return Arguments.read(QuotaOptions::of, line);
    }

    private static QuotaOptions of(Arguments given) {
        boolean quick = given.has("--quick");
        QuotaOptions asked = new QuotaOptions(given.wholes("--relays", List.of(1, 2, 4), 1, MOST_RELAYS),
                given.wholes("--tenants", List.of(1, 10, 100), 1, MOST_TENANTS),
                given.value("--load", List.of(false, true), QuotaOptions::loads),
                given.whole("--rounds", 3, 1, MOST_ROUNDS),
                given.whole("--mebibytes", DEFAULT_MEBIBYTES, 1, MOST_MEBIBYTES) * MEBIBYTE, given.path("--json"));
        return quick
                ? new QuotaOptions(List.of(2), List.of(2), List.of(false), 1, QUICK_MEBIBYTES * MEBIBYTE, asked.json)
                : asked;
    }

    private static List<Boolean> loads(String value) {
        return switch (value) {
            case "none" -> List.of(false);
            case "calls" -> List.of(true);
            case "both" -> List.of(false, true);
            default -> throw new IllegalArgumentException("--load takes none, calls or both, not " + value);
        };
    }
}
