package io.turnpike.benchmarks.streams;

import io.turnpike.benchmarks.Arguments;
import java.nio.file.Path;
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
    static StreamsOptions parse(String... line) {
        return Arguments.read(StreamsOptions::of, line);
    }

    private static StreamsOptions of(Arguments given) {
        boolean quick = given.has("--quick");
        int threads = given.whole("--threads", 1, 1, MOST_THREADS);
        StreamsOptions asked = new StreamsOptions(given.whole("--records", 600_000, 1, MOST_RECORDS),
                given.whole("--users", 10_000, 1, MOST_USERS), threads,
                given.whole("--partitions", Math.min(MOST_PARTITIONS, threads * PARTITIONS_PER_THREAD), 1,
                        MOST_PARTITIONS),
                given.whole("--rounds", 3, 1, MOST_ROUNDS), given.whole("--seconds", 20, 1, MOST_SECONDS),
                given.whole("--rate", 10_000, 1, MOST_RATE), given.path("--json"));
        return quick ? new StreamsOptions(20_000, 500, 1, 2, 1, 3, 1_000, asked.json) : asked;
    }
}
