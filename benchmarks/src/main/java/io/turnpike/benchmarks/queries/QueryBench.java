package io.turnpike.benchmarks.queries;

import io.turnpike.benchmarks.Arguments;
import io.turnpike.benchmarks.MemoryUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * {@code ./turnpike bench queries}: how long questions to the API take where many users and one large tenant are spread over
 * two instances. A real broker and both instances run in this process.
 */
public final class QueryBench {
    private static final String HELP = """
            Usage: ./turnpike bench queries [options]

              --users N        distinct users; nine tenths of them, and of the traffic, are one tenant's; 100,000
              --questions N    questions of each kind; 500
              --partitions N   partitions of the topics; 12
              --records N      usage snapshots a second that arrive meanwhile; 500
              --rounds N       how often everybody moves traffic again before that, to see whether memory grows; 3
              --quick          2,000 users, 20 questions of each kind: whether it works
              --json FILE      the figures for machines

            Asked of one of two instances, one after the other: the last hour of a user whose data is there, of one whose data
            is on the other instance, of the large tenant; its ten largest users of the last hours and of the running day; and
            all users as a file. What the process holds, broker and both instances, is looked up after a collection of all garbage.
            """;

    private QueryBench() {}

    /** Runs the benchmark; answers the exit code. */
    public static int main(String... arguments) throws IOException, InterruptedException {
        return Arguments.run(HELP, QueryOptions::parse, QueryBench::run, arguments);
    }

    private static int run(QueryOptions options) throws IOException, InterruptedException {
        Path work = Files.createTempDirectory("turnpike-bench");
        QueryFigures figures = new QueryFigures();
        try (TwoInstances instances = TwoInstances.start(work, options.partitions());
                ManyUsers trace = new ManyUsers(instances.bootstrapServers(), options.users())) {
            System.out.printf("%,d users, %,d partitions on two instances%n", options.users(), options.partitions());
            figures.hold("before the first user", MemoryUse.afterCollection());
            trace.send();
            instances.awaitTotal(trace.billableBytes());
            figures.hold("when everybody is counted", MemoryUse.afterCollection());
            for (int round = 1; round <= options.rounds(); round++) {
                trace.sendAgain();
                instances.awaitTotal(trace.billableBytes());
                figures.hold("when everybody is counted again, %d".formatted(round), MemoryUse.afterCollection());
            }
            System.out.println("everything is counted; asking");
            trace.goOn(options.recordsPerSecond());
            new Questions(instances.api(), trace, options.questions(), figures).ask();
            figures.hold("after the questions", MemoryUse.afterCollection());
        } finally {
            figures.print(System.out);
        }
        if (options.json().isPresent()) {
            figures.write(options.json().get());
        }
        System.out.println("Data is in " + work);
        return 0;
    }
}
