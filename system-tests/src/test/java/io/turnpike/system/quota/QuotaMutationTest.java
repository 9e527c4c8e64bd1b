package io.turnpike.system.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The simulator is worth something: whichever rule is broken, some seed finds it, by the invariant that guards the rule. */
class QuotaMutationTest {
    private static final long MOST_SEEDS = 1_000;

    /** What the first seed that finds a mutation says. */
    private record Catch(long seed, String broken) {
        String invariant() {
            return broken.substring(0, broken.indexOf(':'));
        }
    }

    @TestFactory
    Stream<DynamicTest> aBrokenRuleIsCaught() {
        Map<Mutation, Optional<Catch>> caught = Arrays.stream(Mutation.values()).parallel()
                .collect(Collectors.toConcurrentMap(mutation -> mutation, QuotaMutationTest::firstCatch));
        return Arrays.stream(Mutation.values())
                .map(mutation -> DynamicTest.dynamicTest(mutation.name(), () -> check(mutation, caught.get(mutation))));
    }

    private static Optional<Catch> firstCatch(Mutation mutation) {
        LongFunction<Optional<String>> simulator = new MutantLoader(mutation).simulator();
        return LongStream.range(0, MOST_SEEDS).boxed()
                .flatMap(seed -> simulator.apply(seed).map(broken -> new Catch(seed, broken)).stream()).findFirst();
    }

    private static void check(Mutation mutation, Optional<Catch> found) {
        assertThat(found).as("caught by one of " + MOST_SEEDS + " seeds").isPresent();
        System.out.println("MUTATION " + mutation + " seed " + found.get().seed() + ' ' + found.get().broken());
        assertThat(mutation.catchers()).extracting(Invariant::name).contains(found.get().invariant());
    }
}
