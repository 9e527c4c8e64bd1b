package io.turnpike.system.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.function.LongFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The simulator is worth something: whichever rule is broken, some seed finds it, by the invariant that guards the rule. */
class QuotaMutationTest {
    private static final long MOST_SEEDS = 1_000;

    @ParameterizedTest
    @EnumSource(Mutation.class)
    void aBrokenRuleIsCaught(Mutation mutation) {
        LongFunction<Optional<String>> simulator = new MutantLoader(mutation).simulator();
        for (long seed = 0; seed < MOST_SEEDS; seed++) {
            Optional<String> broken = simulator.apply(seed);
            if (broken.isPresent()) {
                System.out.println("MUTATION " + mutation + " seed " + seed + ' ' + broken.get());
                assertThat(mutation.catchers()).extracting(Invariant::name)
                        .contains(broken.get().substring(0, broken.get().indexOf(':')));
                return;
            }
        }
        throw new AssertionError(mutation + " is not caught by " + MOST_SEEDS + " seeds");
    }
}
