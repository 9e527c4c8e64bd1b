package io.turnpike.benchmarks.streams;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Optional;

/**
 * What the command line asks for.
 *
 * @param records of each round, and of the warm-up
 * @param users over which they are spread
 * @param threads stream threads
 * @param partitions of each topic, for all threads together
 * @param rounds that are measured
 * @param pacedSeconds how long the application is watched at a steady rate
 * @param pacedRate that rate, records per second
 * @param json where the figures go for machines
 */
record StreamsOptions(int records, int users, int threads, int partitions, int rounds, int pacedSeconds, int pacedRate,
        Optional<Path> json) {
    private static final int MOST_RECORDS = 100_000_000;
    private static final int MOST_USERS = 10_000_000;
    private static final int MOST_THREADS = 64;
    private static final int MOST_PARTITIONS = 24;
    private static final int MOST_ROUNDS = 100;
    private static final int MOST_SECONDS = 3_600;
    private static final int MOST_RATE = 1_000_000;
    private static final int PARTITIONS_PER_THREAD = 6; // 24 of them on four cores

    /**
     * Reads a command line.
     *
     * @throws IllegalArgumentException with a message for people, if it is none
     */
    static StreamsOptions parse(String... arguments) {
        int records = 600_000;
        int users = 10_000;
        int threads = 1;
        int partitions = 0;
        int rounds = 3;
        int seconds = 20;
        int rate = 10_000;
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
                case "--records" -> records = within(option, value, MOST_RECORDS);
                case "--users" -> users = within(option, value, MOST_USERS);
                case "--threads" -> threads = within(option, value, MOST_THREADS);
                case "--partitions" -> partitions = within(option, value, MOST_PARTITIONS);
                case "--rounds" -> rounds = within(option, value, MOST_ROUNDS);
                case "--seconds" -> seconds = within(option, value, MOST_SECONDS);
                case "--rate" -> rate = within(option, value, MOST_RATE);
                case "--json" -> json = Optional.of(Path.of(value));
                default -> throw new IllegalArgumentException("there is no option " + option);
            }
        }
        int spread = partitions == 0 ? Math.min(MOST_PARTITIONS, threads * PARTITIONS_PER_THREAD) : partitions;
        return quick
                ? new StreamsOptions(20_000, 500, 1, 2, 1, 3, 1_000, json)
                : new StreamsOptions(records, users, threads, spread, rounds, seconds, rate, json);
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
