package io.turnpike.benchmarks.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RateSearchTest {
    private static final double CAPACITY = 200_000;
    private static final double MOST_LOSS = 0.001;
    private static final int MOST_RUNS = 30;

    private int runs;

    @Test
    void findsWhatTheServerTakesFromAGuessBelowAndAbove() throws Exception {
        for (double guess : new double[]{70_000, 150_000, 199_000, 250_000, 600_000}) {
            RateSearch.Found found = RateSearch.from(guess, MOST_LOSS, MOST_RUNS, this::server);

            assertThat(found.rate()).as("from %s", guess).isCloseTo(CAPACITY, within(0.05 * CAPACITY));
            assertThat(found.generatorIsLimit()).isFalse();
        }
    }

    @Test
    void isNotMisledByOtherWorkOnTheMachine() throws Exception {
        Random random = new Random(7);
        for (int search = 0; search < 50; search++) {
            RateSearch.Found found = RateSearch.from(180_000, MOST_LOSS, MOST_RUNS, rate -> {
                RateSearch.Outcome calm = server(rate);
                return random.nextInt(4) == 0
                        ? new RateSearch.Outcome(calm.loss() + 0.03, calm.received() * 0.97, true)
                        : calm;
            });

            assertThat(found.rate()).isCloseTo(CAPACITY, within(0.15 * CAPACITY));
        }
    }

    @Test
    void saysWhenTheGeneratorIsTheLimit() throws Exception {
        RateSearch.Found found = RateSearch.from(100_000, MOST_LOSS, MOST_RUNS,
                rate -> new RateSearch.Outcome(0, Math.min(rate, 130_000), rate <= 130_000));

        assertThat(found.rate()).isEqualTo(130_000);
        assertThat(found.generatorIsLimit()).isTrue();
    }

    @Test
    void endsWhereNothingPasses() throws Exception {
        RateSearch.Found found = RateSearch.from(100_000, MOST_LOSS, MOST_RUNS, rate -> {
            runs++;
            return new RateSearch.Outcome(0.05, rate, true);
        });

        assertThat(found.rate()).isZero();
        assertThat(runs).isLessThan(20);
    }

    @Test
    void takesNoMoreRunsThanItMay() throws Exception {
        RateSearch.Found found = RateSearch.from(100_000, MOST_LOSS, 2, rate -> {
            runs++;
            return server(rate);
        });

        assertThat(runs).isEqualTo(2);
        assertThat(found.rate()).isEqualTo(125_000);
    }

    private RateSearch.Outcome server(double rate) {
        double received = Math.min(rate, CAPACITY);
        return new RateSearch.Outcome(1 - received / rate, received, true);
    }
}
