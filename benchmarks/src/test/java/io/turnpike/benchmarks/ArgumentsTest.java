package io.turnpike.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
    private record Options(boolean quick, int rounds, List<Integer> relays, double seconds, Optional<Path> json) {
        static Options parse(String... line) {
            return Arguments.read(given -> new Options(given.has("--quick"), given.whole("--rounds", 3, -5, 9),
                    given.wholes("--relays", List.of(1), 1, 4), given.number("--seconds", 0.5, 0, 2),
                    given.path("--json")), line);
        }
    }

    @Test
    void hasItsDefaultsWhereNothingIsSaid() {
        assertThat(Options.parse()).isEqualTo(new Options(false, 3, List.of(1), 0.5, Optional.empty()));
    }

    @Test
    void takesFlagsAnywhereAndTheLastOfTwoValues() {
        Options options = new Options(true, -2, List.of(1, 2), 1.5, Optional.of(Path.of("out.json")));

        assertThat(Options.parse("--quick", "--rounds", "7", "--relays", "1,2", "--seconds", "1.5", "--json",
                "out.json", "--rounds", "-2")).isEqualTo(options);
        assertThat(Options.parse("--rounds", "-2", "--relays", "1,2", "--seconds", "1.5", "--json", "out.json",
                "--quick")).isEqualTo(options);
    }

    @Test
    void saysWhatIsWrong() {
        refuses("--rounds wants a value", "--rounds");
        refuses("--json wants a value", "--json", "--quick");
        refuses("--rounds takes whole numbers from -5 to 9, not 10", "--rounds", "10");
        refuses("--rounds takes whole numbers from -5 to 9, not many", "--rounds", "many");
        refuses("--relays takes whole numbers from 1 to 4, not 5", "--relays", "1,5");
        refuses("--seconds takes numbers from 0.0 to 2.0, not NaN", "--seconds", "NaN");
        refuses("--quick takes no value, not 1", "--quick", "1");
        refuses("there is no option --speed", "--speed", "1");
        refuses("there is no option fast", "fast");
    }

    @Test
    void answersACommandLineThatIsNoneWithTwo() throws Exception {
        assertThat(Arguments.run("", Options::parse, Options::rounds, "--rounds", "4")).isEqualTo(4);
        assertThat(Arguments.run("", Options::parse, Options::rounds, "--rounds", "--help")).isZero();
        assertThat(Arguments.run("", Options::parse, Options::rounds, "--speed")).isEqualTo(2);
    }

    private static void refuses(String message, String... line) {
        assertThatIllegalArgumentException().isThrownBy(() -> Options.parse(line)).withMessage(message);
    }
}
