package io.turnpike.benchmarks.relay;

import java.io.IOException;

/**
 * Looks for the highest rate that passes, first up or down from a guess and then by halving the distance between one that
 * passes and one that does not. Other work on the machine makes packets be lost, and never makes them arrive: so a rate
 * that fails narrowly is tried again, and one that has passed once has passed.
 */
final class RateSearch {
    private static final int TRIES = 3;
    /** What loses more is beyond what other work does in between. */
    private static final double NARROW_LOSS = 0.1;
    private static final double STEP_UP = 1.25;
    private static final double STEP_DOWN = 0.7;
    private static final int BRACKET_STEPS = 6;
    private static final int HALVINGS = 5;
    /** Distance of the two rates at which it is enough, as a share. */
    private static final double ENOUGH = 0.04;

    private final Trial trial;
    private final double mostLoss;
    private int runsLeft;
    private double passed;
    private boolean generatorIsLimit;

    private RateSearch(Trial trial, double mostLoss, int mostRuns) {
        this.trial = trial;
        this.mostLoss = mostLoss;
        runsLeft = mostRuns;
    }

    /** One run at a rate. */
    interface Trial {
        Outcome at(double rate) throws IOException, InterruptedException;
    }

    /**
     * How a run went.
     *
     * @param loss share of what was sent that did not arrive, 0 to 1
     * @param received datagrams a second that arrived
     * @param reached whether as much was sent as was wanted
     */
    record Outcome(double loss, double received, boolean reached) {}

    /**
     * What was found.
     *
     * @param rate highest rate received in a run that passed; 0 if none did
     * @param generatorIsLimit whether more could not be sent, so that the server may take more
     */
    record Found(double rate, boolean generatorIsLimit) {}

    /**
     * Searches.
     *
     * @param guess a rate near the result
     * @param mostLoss share of packets that may be lost
     * @param mostRuns after which it ends with what it has
     */
    static Found from(double guess, double mostLoss, int mostRuns, Trial trial)
            throws IOException, InterruptedException {
        RateSearch search = new RateSearch(trial, mostLoss, mostRuns);
        search.run(guess);
        return new Found(search.passed, search.generatorIsLimit);
    }

    private void run(double guess) throws IOException, InterruptedException {
        double low = 0;
        double high = 0;
        double rate = guess;
        for (int step = 0; step < BRACKET_STEPS && (low == 0 || high == 0) && goesOn(); step++) {
            if (passes(rate)) {
                low = rate;
                rate *= STEP_UP;
            } else {
                high = rate;
                rate *= STEP_DOWN;
            }
        }
        for (int step = 0; step < HALVINGS && high > low * (1 + ENOUGH) && low > 0 && goesOn(); step++) {
            rate = (low + high) / 2;
            if (passes(rate)) {
                low = rate;
            } else {
                high = rate;
            }
        }
    }

    private boolean goesOn() {
        return runsLeft > 0 && !generatorIsLimit;
    }

    private boolean passes(double rate) throws IOException, InterruptedException {
        for (int attempt = 0; attempt < TRIES && runsLeft > 0; attempt++) {
            runsLeft--;
            Outcome outcome = trial.at(rate);
            if (outcome.loss() < mostLoss) {
                passed = Math.max(passed, outcome.received());
                generatorIsLimit = !outcome.reached();
                return true;
            }
            if (outcome.loss() > NARROW_LOSS) {
                return false;
            }
        }
        return false;
    }
}
