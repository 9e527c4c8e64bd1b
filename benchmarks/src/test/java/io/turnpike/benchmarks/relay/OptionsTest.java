package io.turnpike.benchmarks.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class OptionsTest {

    @Test
    void measuresEverythingUnlessToldOtherwise() {
        Options options = Options.parse("--rounds", "3", "--against", "coturn");

        assertThat(options.rounds()).isEqualTo(3);
        assertThat(options.rival()).isEqualTo(Rival.COTURN);
        assertThat(options.steps()).extracting(Step::name).containsExactly("lone", "bursts", "latency", "indications",
                "cycles", "tcp", "tls", "pauses", "crowd");
    }

    @Test
    void measuresOnlyWhatIsNamed() {
        assertThat(Options.parse("--only", "tls,lone").steps()).extracting(Step::name).containsExactly("lone", "tls");
    }

    @Test
    void isComparedWithWhatIsNamed() {
        assertThat(Options.parse().rival()).isEqualTo(Rival.NONE);
        assertThat(Options.parse("--against", "no-quota").rival()).isEqualTo(Rival.NO_QUOTA);
    }

    @Test
    void isShortWhenQuick() {
        Options options = Options.parse("--rounds", "9", "--quick", "--live", "50000");

        assertThat(options.rounds()).isEqualTo(1);
        assertThat(options.live()).isLessThan(1000);
        assertThat(options.pauseSeconds()).isLessThan(10);
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        refuses("--against", "pion");
        refuses("--rounds");
        refuses("--speed", "1");
        refuses("--only", "lone,rain");
        refuses("--rounds", "many");
        refuses("--rounds", "0");
        refuses("--live", "100001");
        refuses("--seconds", "NaN");
    }

    private static void refuses(String... arguments) {
        assertThatIllegalArgumentException().isThrownBy(() -> Options.parse(arguments));
    }
}
