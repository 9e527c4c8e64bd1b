package io.turnpike.benchmarks.queries;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;

/**
 * What the command line asks for.
 *
 * @param users distinct users over all tenants
 * @param questions of each kind
 * @param partitions of the topics
 * @param recordsPerSecond that arrive while questions are asked
 * @param json where the figures go for machines
 */
record QueryOptions(int users, int questions, int partitions, int recordsPerSecond, Optional<Path> json) {
    private static final int MOST_USERS = 1_000_000;
    private static final int MOST_QUESTIONS = 100_000;
    private static final int MOST_PARTITIONS = 24;
    private static final int MOST_RECORDS = 100_000;
    private static final QueryOptions DEFAULT = new QueryOptions(100_000, 500, 12, 500, Optional.empty());
    private static final QueryOptions QUICK = new QueryOptions(2_000, 20, 4, 100, Optional.empty());

    /**
     * Reads a command line.
     *
     * @throws IllegalArgumentException with a message for people, if it is none
     */
    static QueryOptions parse(String... arguments) {
        QueryOptions options = Arrays.asList(arguments).contains("--quick") ? QUICK : DEFAULT;
        Iterator<String> rest = Arrays.stream(arguments).filter(each -> !each.equals("--quick")).iterator();
        while (rest.hasNext()) {
            String option = rest.next();
            if (!rest.hasNext()) {
                throw new IllegalArgumentException(option + " is unknown or wants a value");
            }
            options = options.with(option, rest.next());
        }
        return options;
    }

    private QueryOptions with(String option, String value) {
        return switch (option) {
            case "--users" -> new QueryOptions(within(option, value, 100, MOST_USERS), questions, partitions,
                    recordsPerSecond, json);
            case "--questions" -> new QueryOptions(users, within(option, value, 1, MOST_QUESTIONS), partitions,
                    recordsPerSecond, json);
            case "--partitions" -> new QueryOptions(users, questions, within(option, value, 2, MOST_PARTITIONS),
                    recordsPerSecond, json);
            case "--records" -> new QueryOptions(users, questions, partitions, within(option, value, 0, MOST_RECORDS),
                    json);
            case "--json" -> new QueryOptions(users, questions, partitions, recordsPerSecond,
                    Optional.of(Path.of(value)));
            default -> throw new IllegalArgumentException("there is no option " + option);
        };
    }

    private static int within(String option, String value, int least, int most) {
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new IllegalArgumentException(String.format(Locale.ROOT, "%s takes a whole number from %,d to %,d, not %s",
                option, least, most, value));
    }
}
