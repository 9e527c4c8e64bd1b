package io.turnpike.system.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * The quota protocol under seeded faults: the product's own ledger and nodes, each {@link Invariant} in each step.
 * {@code -Dturnpike.seeds=100000} runs more seeds, {@code -Dturnpike.seed=4711} one of them and prints what happened.
 */
class QuotaSimulationTest {
    private static final long SEEDS = Long.getLong("turnpike.seeds", 1_000);
    private static final Long ONE_SEED = Long.getLong("turnpike.seed");
    private static final int LAST_LINES = 60;
    private static final int MOST_FAILURES = 20;

    @Test
    void theProtocolHoldsUnderFaultsOfEverySeed() {
        long first = ONE_SEED == null ? 0 : ONE_SEED;
        long last = ONE_SEED == null ? SEEDS - 1 : ONE_SEED;
        SimulationRun run = new SimulationRun();
        List<String> failures = new ArrayList<>();
        for (long seed = first; seed <= last && failures.size() < MOST_FAILURES; seed++) {
            Optional<String> failure = run.apply(seed);
            if (failure.isPresent()) {
                failures.add("seed " + seed + ": " + failure.get());
                if (failures.size() == 1 && ONE_SEED == null) {
                    List<String> history = SimulationRun.history(seed);
                    print(history.subList(Math.max(0, history.size() - LAST_LINES), history.size()));
                }
            }
        }
        if (ONE_SEED != null) {
            print(SimulationRun.history(ONE_SEED));
        }
        assertThat(failures).as("run one again, with its whole history, by -Dturnpike.seed=...").isEmpty();
    }

    @Test
    void aSeedIsTheSameRunEachTime() {
        for (long seed = 1; seed <= 3; seed++) {
            assertThat(SimulationRun.history(seed)).as("seed " + seed).hasSizeGreaterThan(1_000)
                    .isEqualTo(SimulationRun.history(seed));
        }
    }

    private static void print(List<String> lines) {
        lines.forEach(System.out::println);
    }
}
