package io.turnpike.benchmarks.relay;

import io.turnpike.benchmarks.Arguments;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * {@code ./turnpike bench relay}: loads the relay, and coturn beside it, with the same generator, in turn, round after
 * round in one run, and prints what each costs. Figures move from machine to machine and from hour to hour; ratios of one
 * run do not move much. How to read them: docs/performance.md.
 */
public final class RelayBench {
    private static final String HELP = """
            Usage: ./turnpike bench relay [options]

              --against coturn   beside Debian's coturn (package coturn), with its own threads and with -m 1
              --against no-quota beside the same relay that serves a tenant without a quota
              --floor            beside the least that relaying can cost on this machine: a C program that moves packets
                                 with the same system calls, and checks and counts nothing
              --only NAME,...    measures only these, of those below
              --rounds N         rounds of every measure; 5 unless told otherwise
              --seconds S        length of one run; 2 unless told otherwise
              --pause-seconds S  length of the run that looks for pauses; 60 unless told otherwise
              --live N           allocations of the crowd, up to 100,000; 10,000 unless told otherwise. Each server needs
                                 as many open files (ulimit -n) and about 1,000 more
              --quick            one short round of everything: whether it works; its figures mean nothing
              --java DIR         the JDK that the relay runs on; this one's own unless told otherwise
              --json FILE        the figures for machines

            %s
            Servers run on core 0, everything else on core 1. Needs Linux, two cores, taskset, openssl, and a C compiler
            with OpenSSL's headers (on Debian or Ubuntu: gcc libc6-dev libssl-dev). Takes about %d minutes a round with
            coturn. docs/performance.md says what the figures mean.
            """;
    private static final int MINUTES_A_ROUND = 3;
    private static final int MOST_ATTEMPTS = 60;
    private static final double FIRST_RUN_SECONDS = 0.5;
    /** More is lost where credit is short; less may be lost on any busy machine. */
    private static final double FLOWING_LOSS = 0.2;

    private final Options options;
    private final Lab lab;
    private final Servers servers;
    private final Results results;
    private final PrintStream out;

    private RelayBench(Options options, Load load, Servers servers, PrintStream out) {
        this.options = options;
        this.servers = servers;
        this.out = out;
        results = new Results(Servers.TURNPIKE, Servers.FLOOR, options.rival() != Rival.NO_QUOTA);
        lab = new Lab(options, load, results);
    }

    /** Runs the benchmark; answers the exit code: 1 if anything could not be measured. */
    public static int main(Path home, String... arguments) throws IOException, InterruptedException {
        return Arguments.run(help(), Options::parse, options -> run(home, options), arguments);
    }

    private static int run(Path home, Options options) throws IOException, InterruptedException {
        if (!Cores.areEnough()) {
            System.err.println("The servers need one core and the load another; this machine has one.");
            return 1;
        }
        Cores.move(Cores.LOAD);
        Path work = Files.createTempDirectory("turnpike-bench");
        try {
            Load load = Load.build(home);
            try (Servers servers = Servers.start(home, work, options)) {
                RelayBench bench = new RelayBench(options, load, servers, System.out);
                bench.awaitCredit();
                bench.run();
                bench.results.print(System.out);
                if (options.json().isPresent()) {
                    bench.results.write(options.json().get(), machine(options));
                }
                System.out.println("Logs and data are in " + work);
                return bench.results.hasFailures() ? 1 : 0;
            }
        } catch (IOException e) {
            System.err.println("bench relay: " + e.getMessage());
            return 1;
        }
    }

    private static String help() {
        String steps = Step.all().stream().map(step -> String.format("  %-12s %s%n", step.name(), step.about()))
                .collect(Collectors.joining());
        return HELP.formatted(steps, MINUTES_A_ROUND);
    }

    private static Map<String, String> machine(Options options) {
        Map<String, String> machine = new LinkedHashMap<>();
        machine.put("java", options.java().toString());
        machine.put("kernel", System.getProperty("os.version"));
        machine.put("rounds", Integer.toString(options.rounds()));
        machine.put("seconds", Double.toString(options.seconds()));
        machine.put("live", Integer.toString(options.live()));
        return machine;
    }

    /**
     * A relay that has just started answers 486 until the ledger has granted it something, and drops what is beyond the first
     * grants, which are small.
     */
    private void awaitCredit() throws IOException, InterruptedException {
        IOException last = null;
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            try {
                if (LonePackets.atFixedRate(lab, servers.turnpike(), FIRST_RUN_SECONDS).loss() < FLOWING_LOSS) {
                    return;
                }
                last = null;
            } catch (IOException e) {
                last = e;
                TimeUnit.SECONDS.sleep(1);
            }
        }
        if (last != null) {
            throw last;
        }
    }

    private void run() throws InterruptedException {
        // The JIT compiler must have seen every path, on one core beside the packets.
        for (Step step : options.steps()) {
            out.println("warming up " + step.name());
            for (Server server : servers.all().stream().filter(Server::isJava).toList()) {
                attempt(step, step::warmUp, server);
            }
        }
        for (int round = 1; round <= options.rounds(); round++) {
            out.println("round " + round + " of " + options.rounds());
            lab.begin(round);
            for (Step step : options.steps()) {
                for (Step.Turn turn : step.turns()) {
                    inTurn(step, turn);
                }
            }
        }
    }

    private void inTurn(Step step, Step.Turn turn) throws InterruptedException {
        List<Server> all = servers.all();
        for (Server server : all) {
            if (step.hasFloor() || !server.name().equals(Servers.FLOOR)) {
                attempt(step, turn, server);
            }
        }
    }

    /** What fails twice against one server must not take the figures of the others with it. */
    private void attempt(Step step, Step.Turn turn, Server server) throws InterruptedException {
        if (!measures(step, turn, server, false) && server.process().isAlive()) {
            measures(step, turn, server, true);
        }
    }

    private boolean measures(Step step, Step.Turn turn, Server server, boolean last) throws InterruptedException {
        try {
            turn.measure(lab, server);
            return true;
        } catch (IOException | UncheckedIOException e) {
            if (last || !server.process().isAlive()) {
                results.fail(step.name(), server.name(), e.getMessage());
            }
            return false;
        }
    }
}
