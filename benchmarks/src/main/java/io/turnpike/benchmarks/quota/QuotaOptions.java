package io.turnpike.benchmarks.quota;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

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
    static QuotaOptions parse(String... arguments) {
        List<Integer> relays = List.of(1, 2, 4);
        List<Integer> tenants = List.of(1, 10, 100);
        List<Boolean> loads = List.of(false, true);
        int rounds = 3;
        int mebibytes = DEFAULT_MEBIBYTES;
        boolean quick = false;
        Optional<Path> json = Optional.empty();
        Iterator<String> rest = Arrays.asList(arguments).iterator();
        while (rest.hasNext()) {
            String option = rest.next();
            if (option.equals("--quick")) {
                quick = true;
                continue;
            }
            if (!rest.hasNext()) {
                throw new IllegalArgumentException(option + " is unknown or wants a value");
            }
            String value = rest.next();
            switch (option) {
                case "--relays" -> relays = list(option, value, MOST_RELAYS);
                case "--tenants" -> tenants = list(option, value, MOST_TENANTS);
                case "--load" -> loads = loads(value);
                case "--rounds" -> rounds = within(option, value, MOST_ROUNDS);
                case "--mebibytes" -> mebibytes = within(option, value, MOST_MEBIBYTES);
                case "--json" -> json = Optional.of(Path.of(value));
                default -> throw new IllegalArgumentException("there is no option " + option);
            }
        }
        return quick
                ? new QuotaOptions(List.of(2), List.of(2), List.of(false), 1, QUICK_MEBIBYTES * MEBIBYTE, json)
                : new QuotaOptions(relays, tenants, loads, rounds, mebibytes * MEBIBYTE, json);
    }

    private static List<Boolean> loads(String value) {
        return switch (value) {
            case "none" -> List.of(false);
            case "calls" -> List.of(true);
            case "both" -> List.of(false, true);
            default -> throw new IllegalArgumentException("--load takes none, calls or both, not " + value);
        };
    }

    private static List<Integer> list(String option, String value, int most) {
        return Stream.of(value.split(",")).map(number -> within(option, number, most)).toList();
    }

    private static int within(String option, String value, int most) {
        try {
            int number = Integer.parseInt(value);
            if (number >= 1 && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new IllegalArgumentException(String.format("%s takes whole numbers from 1 to %,d, not %s", option, most,
                value));
    }
}
