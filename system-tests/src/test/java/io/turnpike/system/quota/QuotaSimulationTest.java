package io.turnpike.system.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The quota protocol under seeded faults: the product's own ledger and nodes, each {@link Invariant} in each step.
 * {@code -Dturnpike.seeds=100000} runs more seeds, {@code -Dturnpike.seeds=1000-1999} those from one to another, and
 * {@code -Dturnpike.seed=4711} one of them, and prints what happened.
 */
class QuotaSimulationTest {
    private static final String SEEDS = System.getProperty("turnpike.seeds", "1000");
    private static final Long ONE_SEED = Long.getLong("turnpike.seed");
    private static final int LAST_LINES = 60;

    @Test
    void theProtocolHoldsUnderFaultsOfEverySeed() {
        SimulationRun run = new SimulationRun();
        Map<Long, String> failed = new ConcurrentSkipListMap<>();
        seeds().parallel().forEach(seed -> run.apply(seed).ifPresent(broken -> {
            System.out.println("seed " + seed + ": " + broken);
            failed.put(seed, broken);
        }));
        if (ONE_SEED != null) {
            print(SimulationRun.history(ONE_SEED));
        } else if (!failed.isEmpty()) {
            List<String> history = SimulationRun.history(failed.keySet().iterator().next());
            print(history.subList(Math.max(0, history.size() - LAST_LINES), history.size()));
        }
        assertThat(failed).as("run one again, with its whole history, by -Dturnpike.seed=...").isEmpty();
    }

    private static LongStream seeds() {
        if (ONE_SEED != null) {
            return LongStream.of(ONE_SEED);
        }
        int dash = SEEDS.indexOf('-');
        return dash < 0
                ? LongStream.range(0, Long.parseLong(SEEDS))
                : LongStream.rangeClosed(Long.parseLong(SEEDS.substring(0, dash)),
                        Long.parseLong(SEEDS.substring(dash + 1)));
    }

    /** In another program too, whose objects have other identities: whoever runs a failing seed again must see it fail. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 13, 100, 499})
    void aSeedIsTheSameRunEachTime(long seed) {
        assertThat(SimulationRun.history(seed)).hasSizeGreaterThan(1_000).isEqualTo(new FreshLoader().history(seed));
    }

    private static void print(List<String> lines) {
        lines.forEach(System.out::println);
    }
}
