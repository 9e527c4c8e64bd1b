package io.turnpike.benchmarks.relay;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code ./turnpike bench relay}: loads the relay, and coturn beside it, with the same generator, in turn, round after
 * round in one run, and prints what each costs. Figures move from machine to machine and from hour to hour; ratios of one
 * run do not move much.
 */
public final class RelayBench {
    private static final String HELP = """
            Usage: ./turnpike bench relay [options]

              --against coturn   beside Debian's coturn (package coturn), with its own threads and with -m 1
              --rounds N         rounds of every measure; 5 unless told otherwise
              --seconds S        length of one run; 2 unless told otherwise
              --quick            one short round, without coturn: whether everything works
              --java DIR         the JDK that the relay runs on; this one's own unless told otherwise
              --json FILE        the figures for machines

            Servers run on core 0, everything else on core 1. Needs Linux, two cores, taskset and a C compiler.
            """;
    private static final int USAGE = 2;
    private static final int LIVE = 10_000;
    private static final int CLIENTS = 10;
    private static final double MOST_LOSS = 0.001;
    private static final int SEARCH_STEPS = 6;
    private static final String RATE = "50000";
    private static final String FRAME_BYTES = "1000";

    private final Options options;
    private final Load load;
    private final Servers servers;
    private final Results results = new Results(Servers.TURNPIKE);
    private final PrintStream out;

    private RelayBench(Options options, Load load, Servers servers, PrintStream out) {
        this.options = options;
        this.load = load;
        this.servers = servers;
        this.out = out;
    }

    /** What was asked for. */
    record Options(boolean coturn, int rounds, double seconds, boolean quick, Path java, Optional<Path> json) {
        static Options parse(String... arguments) {
            boolean coturn = false;
            boolean quick = false;
            int rounds = 5;
            double seconds = 2;
            Path java = Path.of(System.getProperty("java.home"));
            Optional<Path> json = Optional.empty();
            List<String> rest = Arrays.asList(arguments);
            for (int i = 0; i < rest.size(); i++) {
                String option = rest.get(i);
                if (option.equals("--quick")) {
                    quick = true;
                    continue;
                }
                if (i + 1 == rest.size()) {
                    throw new IllegalArgumentException(option + " is unknown or wants a value");
                }
                String value = rest.get(++i);
                switch (option) {
                    case "--against" -> coturn = requireCoturn(value);
                    case "--rounds" -> rounds = Integer.parseInt(value);
                    case "--seconds" -> seconds = Double.parseDouble(value);
                    case "--java" -> java = Path.of(value);
                    case "--json" -> json = Optional.of(Path.of(value));
                    default -> throw new IllegalArgumentException("there is no option " + option);
                }
            }
            return quick
                    ? new Options(coturn, 1, 0.5, true, java, json)
                    : new Options(coturn, rounds, seconds, false, java, json);
        }

        private static boolean requireCoturn(String value) {
            if (!value.equals("coturn")) {
                throw new IllegalArgumentException("--against takes coturn, not " + value);
            }
            return true;
        }
    }

    /** Runs the benchmark; answers the exit code. */
    public static int main(Path home, String... arguments) throws IOException, InterruptedException {
        if (Arrays.asList(arguments).contains("--help")) {
            System.out.print(HELP);
            return 0;
        }
        Options options;
        try {
            options = Options.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.print(HELP);
            return USAGE;
        }
        if (!Cores.areEnough()) {
            System.err.println("The servers need one core and the load another; this machine has one.");
            return 1;
        }
        Cores.move(Cores.LOAD);
        Path work = Files.createTempDirectory("turnpike-bench");
        try (Servers servers = Servers.start(home, work, options.java(), options.coturn())) {
            RelayBench bench = new RelayBench(options, Load.build(home), servers, System.out);
            bench.run();
            bench.results.print(System.out);
            if (options.json().isPresent()) {
                bench.results.write(options.json().get(), machine(options));
            }
            System.out.println("Logs and data are in " + work);
        }
        return 0;
    }

    private static Map<String, String> machine(Options options) {
        Map<String, String> machine = new LinkedHashMap<>();
        machine.put("java", options.java().toString());
        machine.put("kernel", System.getProperty("os.version"));
        machine.put("rounds", Integer.toString(options.rounds()));
        machine.put("seconds", Double.toString(options.seconds()));
        return machine;
    }

    private void run() throws IOException, InterruptedException {
        warmUp();
        for (int round = 1; round <= options.rounds(); round++) {
            out.println("round " + round + " of " + options.rounds());
            inTurn(this::lonePackets);
            inTurn(this::lonePacketsSaturated);
            inTurn(server -> bursts(server, Measure.BURST8_CPU, 8));
            inTurn(server -> bursts(server, Measure.BURST16_CPU, 16));
            inTurn(this::burstsSaturated);
            inTurn(this::latency);
            inTurn(this::indications);
            inTurn(this::cycles);
        }
        if (!options.quick()) {
            for (Server server : servers.all()) {
                crowd(server);
            }
        }
    }

    private interface Step {
        void measure(Server server) throws IOException, InterruptedException;
    }

    private void inTurn(Step step) throws IOException, InterruptedException {
        for (Server server : servers.all()) {
            step.measure(server);
        }
    }

    /** The JIT compiler must have seen every path, on one core beside the packets. */
    private void warmUp() throws IOException, InterruptedException {
        double seconds = options.quick() ? 1 : 8;
        out.printf("warming up, %.0f s each%n", seconds);
        Server own = servers.turnpike();
        relay(own, seconds, "--window", "64");
        relay(own, seconds, "--window", "64", "--burst", "16", "--size", FRAME_BYTES);
        relay(own, seconds, "--rate", RATE);
        relay(own, seconds / 2, "--rate", RATE, "--indications");
        load.run(own, "cycle", "--seconds", "0.5", "--warmup", Double.toString(seconds));
    }

    private Load.Run relay(Server server, double seconds, String... load) throws IOException, InterruptedException {
        String[] common = {"relay", "--clients", Integer.toString(CLIENTS), "--seconds", Double.toString(seconds)};
        String[] arguments = Arrays.copyOf(common, common.length + load.length);
        System.arraycopy(load, 0, arguments, common.length, load.length);
        return this.load.run(server, arguments);
    }

    private void lonePackets(Server server) throws IOException, InterruptedException {
        Load.Run run = relay(server, options.seconds(), "--rate", RATE);
        cpu(Measure.LONE_CPU, server, run);
    }

    private void lonePacketsSaturated(Server server) throws IOException, InterruptedException {
        Load.Run run = relay(server, options.seconds(), "--window", "64");
        cpu(Measure.LONE_SATURATED_CPU, server, run);
        results.add(Measure.LONE_RATE, server.name(), run.perSecond("received"));
        noteBusy(Measure.LONE_RATE, server, run);
    }

    private void bursts(Server server, Measure measure, int burst) throws IOException, InterruptedException {
        cpu(measure, server, relay(server, options.seconds(), "--rate", RATE, "--burst", Integer.toString(burst),
                "--size", FRAME_BYTES));
    }

    private void burstsSaturated(Server server) throws IOException, InterruptedException {
        Load.Run run = relay(server, options.seconds(), "--window", "64", "--burst", "16", "--size", FRAME_BYTES);
        results.add(Measure.BURST16_SATURATED_CPU, server.name(), run.cpuMicros("received"));
        results.add(Measure.BURST16_RATE, server.name(), highestRate(server, run.perSecond("received")));
        noteBusy(Measure.BURST16_RATE, server, run);
    }

    /** The highest rate with hardly any loss, by halving the distance between one that passes and one that does not. */
    private double highestRate(Server server, double guess) throws IOException, InterruptedException {
        double passes = 0;
        double fails = guess * 1.5;
        double rate = guess;
        for (int step = 0; step < (options.quick() ? 1 : SEARCH_STEPS); step++) {
            Load.Run run = relay(server, options.seconds() / 2, "--rate", Double.toString(rate), "--burst", "16",
                    "--size",
                    FRAME_BYTES);
            // A generator that cannot send so fast has not shown that the server can take it.
            boolean reached = run.perSecond("sent") > rate * 0.97;
            if (run.loss() < MOST_LOSS && reached) {
                passes = Math.max(passes, run.perSecond("received"));
            } else {
                fails = Math.min(fails, rate);
                if (run.loss() < MOST_LOSS) {
                    passes = Math.max(passes, run.perSecond("received"));
                }
            }
            rate = (Math.max(passes, guess / 8) + fails) / 2;
        }
        return passes;
    }

    private void latency(Server server) throws IOException, InterruptedException {
        Load.Run run = relay(server, options.seconds(), "--rate", "5000");
        results.add(Measure.LATENCY_P50, server.name(), run.number("p50Micros"));
        results.add(Measure.LATENCY_P99, server.name(), run.number("p99Micros"));
        results.add(Measure.LATENCY_P999, server.name(), run.number("p999Micros"));
    }

    private void indications(Server server) throws IOException, InterruptedException {
        cpu(Measure.INDICATION_CPU, server, relay(server, options.seconds(), "--rate", RATE, "--indications"));
    }

    private void cycles(Server server) throws IOException, InterruptedException {
        Load.Run run = load.run(server, "cycle", "--seconds", Double.toString(options.seconds()));
        results.add(Measure.CYCLE_CPU, server.name(), run.cpuMicros("cycles"));
        results.add(Measure.CYCLE_RATE, server.name(), run.perSecond("cycles"));
        if (run.number("failed") > 0) {
            results.note(Measure.CYCLE_RATE, server.name() + " refused some");
        }
    }

    private void crowd(Server server) throws IOException, InterruptedException {
        long before = Cores.memoryBytes(server.pid());
        long kernelBefore = Cores.kernelBytes();
        Load.Held held = load.hold(server, LIVE);
        try {
            long kernel = Cores.kernelBytes() - kernelBefore;
            long after = Cores.memoryBytes(server.pid());
            results.add(Measure.MEMORY_EACH, server.name(), (double) (after - before + kernel) / LIVE);
            results.add(Measure.MEMORY_TOTAL, server.name(), (after + kernel) / 1048576.0);
            for (int round = 0; round < options.rounds(); round++) {
                cpu(Measure.CROWD_CPU, server, relay(server, options.seconds(), "--rate", RATE));
            }
        } finally {
            held.close();
        }
    }

    private void cpu(Measure measure, Server server, Load.Run run) {
        results.add(measure, server.name(), run.cpuMicros("received"));
        if (run.loss() > MOST_LOSS) {
            results.note(measure, String.format("%s lost %.1f %% in a run", server.name(), 100 * run.loss()));
        }
    }

    private void noteBusy(Measure measure, Server server, Load.Run run) {
        double share = run.serverCpuNanos() / 1e9 / run.seconds();
        if (run.generatorShare() > Results.BUSY && share < Results.BUSY) {
            results.note(measure, String.format("against %s the generator was the limit (server core %.0f %%)",
                    server.name(), 100 * share));
        }
    }
}
