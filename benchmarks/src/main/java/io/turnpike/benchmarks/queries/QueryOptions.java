package io.turnpike.benchmarks.queries;

import io.turnpike.benchmarks.Arguments;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the command line asks for.
 *
 * @param users distinct users over all tenants
 * @param questions of each kind
 * @param partitions of the topics
 * @param recordsPerSecond that arrive while questions are asked
 * @param rounds how often everybody moves traffic again, before questions are asked
 * @param json where the figures go for machines
 */
record QueryOptions(int users, int questions, int partitions, int recordsPerSecond, int rounds, Optional<Path> json) {
    private static final int MOST_USERS = 1_000_000;
    private static final int MOST_QUESTIONS = 100_000;
    private static final int MOST_PARTITIONS = 24;
    private static final int MOST_RECORDS = 100_000;
    private static final int MOST_ROUNDS = 1_000;
    private static final QueryOptions DEFAULT = new QueryOptions(100_000, 500, 12, 500, 3, Optional.empty());
    private static final QueryOptions QUICK = new QueryOptions(2_000, 20, 4, 100, 1, Optional.empty());

    /**
     * Reads a command line.
     *
     * @throws IllegalArgumentException with a message for people, if it is none
     */
    static QueryOptions parse(String... line) {
        return Arguments.read(QueryOptions::of, line);
    }

    private static QueryOptions of(Arguments given) {
        QueryOptions base = given.has("--quick") ? QUICK : DEFAULT;
        return new QueryOptions(given.whole("--users", base.users, 100, MOST_USERS),
                given.whole("--questions", base.questions, 1, MOST_QUESTIONS),
                given.whole("--partitions", base.partitions, 2, MOST_PARTITIONS),
                given.whole("--records", base.recordsPerSecond, 0, MOST_RECORDS),
                given.whole("--rounds", base.rounds, 0, MOST_ROUNDS), given.path("--json"));
    }
}
