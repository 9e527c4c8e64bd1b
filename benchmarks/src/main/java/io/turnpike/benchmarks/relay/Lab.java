package io.turnpike.benchmarks.relay;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What every step has at hand: the load, what was asked for, and where figures go. */
final class Lab {
    static final String RATE = "50000";
    /** Payload of the packets of a video frame; a lone one has the generator's 172, 20 ms of audio. */
    static final String FRAME_BYTES = "1000";
    static final String WINDOW = "64";
    private static final int CLIENTS = 10;
    /** Time of a run before it is counted. */
    private static final double LEAD_IN_SECONDS = 0.5;
    private static final double MOST_LOSS = 0.001;
    private static final double REACHED = 0.97;
    private static final int GUESS = 50_000;

    private final Options options;
    private final Load load;
    private final Results results;
    private final Set<String> warm = new HashSet<>();
    private int round;

    Lab(Options options, Load load, Results results) {
        this.options = options;
        this.load = load;
        this.results = results;
    }

    Options options() {
        return options;
    }

    Load load() {
        return load;
    }

    Results results() {
        return results;
    }

    void begin(int round) {
        this.round = round;
    }

    /** Whether a load that several steps warm up with has not been put on a server yet; from then on it has. */
    boolean isCold(String load, Server server) {
        return warm.add(load + " on " + server.name());
    }

    /** For what is measured once in all rounds. */
    boolean isFirstRound() {
        return round <= 1;
    }

    /** Relays over UDP. */
    Load.Run relay(Server server, double seconds, String... load) throws IOException, InterruptedException {
        return relay(server, Transport.UDP, seconds, load);
    }

    /** Relays between clients that come over a transport and peers on UDP, both ways. */
    Load.Run relay(Server server, Transport transport, double seconds, String... load)
            throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(
                List.of("--clients", Integer.toString(CLIENTS), "--seconds", Double.toString(seconds), "--warmup",
                        Double.toString(Math.min(LEAD_IN_SECONDS, seconds / 2))));
        arguments.addAll(List.of(load));
        return this.load.run(server, transport, "relay", arguments);
    }

    /** At the fixed rate, the cost of a packet; and a note if packets were lost or the rate was not reached. */
    double costAtRate(Measure measure, Server server, Load.Run run) {
        double cost = run.cpuMicros("received");
        results.add(measure, server.name(), cost);
        noteLoss(measure, server, run);
        if (run.perSecond("sent") < REACHED * Double.parseDouble(RATE)) {
            note(measure, "against %s the generator sent only %,.0f/s", server.name(), run.perSecond("sent"));
        }
        return cost;
    }

    /** As many as the server lets through: what it comes to, and a note if it was not the server that was the limit. */
    void saturated(Measure rate, double perSecond, Measure cost, Server server, Load.Run run) {
        results.add(rate, server.name(), perSecond);
        results.add(cost, server.name(), run.cpuMicros("received"));
        noteLoss(cost, server, run);
        double share = run.serverShare();
        if (share < Results.BUSY && run.generatorShare() > Results.BUSY) {
            note(rate, "against %s the generator was the limit in a run", server.name());
        } else if (share < Results.BUSY) {
            note(rate, "against %s neither had its core for itself: other work was the limit in a run", server.name());
        }
    }

    /** Searches for the highest rate with hardly any loss, near the saturated one of this round. */
    void highestRate(Measure measure, Measure saturated, Server server, String... load)
            throws IOException, InterruptedException {
        double guess = results.last(saturated, server.name()).orElse(GUESS);
        RateSearch.Found found = RateSearch.from(guess, MOST_LOSS, options.searchRuns(), rate -> {
            List<String> arguments = new ArrayList<>(List.of(load));
            arguments.addAll(List.of("--rate", Double.toString(rate)));
            Load.Run run = relay(server, options.seconds() / 2, arguments.toArray(String[]::new));
            return new RateSearch.Outcome(run.loss(), run.perSecond("received"),
                    run.perSecond("sent") > REACHED * rate);
        });
        if (found.rate() == 0) {
            note(measure, "%s lost packets at every rate that was tried, in a round", server.name());
            return;
        }
        results.add(measure, server.name(), found.rate());
        if (found.generatorIsLimit()) {
            note(measure, "against %s the generator could not send faster", server.name());
        }
    }

    void note(Measure measure, String format, Object... arguments) {
        results.note(measure, String.format(Locale.ROOT, format, arguments));
    }

    private void noteLoss(Measure measure, Server server, Load.Run run) {
        if (run.loss() > MOST_LOSS) {
            note(measure, "%s lost up to %.0f %% in a run", server.name(), 10 * Math.ceil(10 * run.loss()));
        }
        if (run.number("reordered") > 0) {
            note(measure, "%s changed the order of packets, or doubled some", server.name());
        }
    }
}
