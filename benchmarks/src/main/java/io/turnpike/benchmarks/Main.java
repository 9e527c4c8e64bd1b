package io.turnpike.benchmarks;

import io.turnpike.benchmarks.queries.QueryBench;
import io.turnpike.benchmarks.quota.QuotaBench;
import io.turnpike.benchmarks.relay.RelayBench;
import io.turnpike.benchmarks.streams.StreamsBench;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** The program {@code ./turnpike bench}: which benchmark, and its own arguments behind. */
public final class Main {
    private static final int USAGE = 2;

    private static final String HELP = """
            Usage: ./turnpike bench <benchmark> [options]

              relay [--against coturn] ...    what relaying costs (relay --help says more)
              quota [--relays 1,2,4] ...      how fast and how exactly a cluster follows its quotas (quota --help)
              streams [--users N] ...         how fast telemetry adds up, and at which cost (streams --help says more)
              queries [--users N] ...         how long the API's questions take over two instances (queries --help)
              jmh [JMH's arguments]           microbenchmarks: no argument runs all, a pattern those that match;
                                              -prof gc adds bytes allocated per operation (gc.alloc.rate.norm)
              gc PID [--seconds N]            a running program's pauses, and what each of its threads allocates
            """;

    private Main() {}

    /** Runs the benchmark that the first argument names; exits with 2 if it names none. */
    public static void main(String... arguments) throws IOException, InterruptedException {
        String[] rest = arguments.length == 0 ? arguments : Arrays.copyOfRange(arguments, 1, arguments.length);
        switch (arguments.length == 0 ? "help" : arguments[0]) {
            case "relay" -> System.exit(RelayBench.main(Path.of(System.getProperty("turnpike.home", ".")), rest));
            case "quota" -> System.exit(QuotaBench.main(rest));
            case "streams" -> System.exit(StreamsBench.main(rest));
            case "queries" -> System.exit(QueryBench.main(rest));
            case "jmh" -> org.openjdk.jmh.Main.main(rest);
            case "gc" -> System.exit(JavaRecording.main(rest));
            case "help", "-h", "--help" -> System.out.print(HELP);
            default -> {
                System.err.print(HELP);
                System.exit(USAGE);
            }
        }
    }
}
