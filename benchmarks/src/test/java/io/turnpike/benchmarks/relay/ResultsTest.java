package io.turnpike.benchmarks.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {
    private final Results results = new Results("own");

    @Test
    void takesTheMiddleOfTheRounds() {
        assertThat(new Samples(List.of(9.0, 1.0, 2.0)).median()).isEqualTo(2);
        assertThat(new Samples(List.of(4.0, 1.0, 2.0, 30.0)).median()).isEqualTo(3);
        assertThat(new Samples(List.of(4.0, 1.0, 2.0, 30.0)).spread()).isEqualTo(29.0 / 3);
        assertThatIllegalArgumentException().isThrownBy(() -> new Samples(List.of()));
    }

    @Test
    void comparesWithTheBestOfTheOthers() {
        results.add(Measure.LONE_CPU, "own", 3);
        results.add(Measure.LONE_CPU, "one", 6);
        results.add(Measure.LONE_CPU, "two", 4);
        results.add(Measure.LONE_RATE, "own", 300);
        results.add(Measure.LONE_RATE, "one", 100);
        results.add(Measure.LONE_RATE, "two", 200);

        assertThat(results.ratio(Measure.LONE_CPU)).contains(0.75);
        assertThat(results.ratio(Measure.LONE_RATE)).contains(1.5);
        assertThat(results.ratio(Measure.CYCLE_CPU)).isEmpty();
    }

    @Test
    void hasNoRatioWithoutAnother() {
        results.add(Measure.LONE_CPU, "own", 3);

        assertThat(results.ratio(Measure.LONE_CPU)).isEmpty();
    }

    @Test
    void saysWhetherAGoalIsMet() {
        assertThat(Measure.LONE_CPU.isMet(0.85)).isTrue();
        assertThat(Measure.LONE_CPU.isMet(0.86)).isFalse();
        assertThat(Measure.LONE_RATE.isMet(1.25)).isTrue();
        assertThat(Measure.LONE_RATE.isMet(1.24)).isFalse();
    }

    @Test
    void printsAndWritesWhatWasMeasured(@TempDir Path folder) throws Exception {
        results.add(Measure.LONE_CPU, "own", 3);
        results.add(Measure.LONE_CPU, "coturn", 4);
        results.note(Measure.LONE_CPU, "it rained");
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        results.print(new PrintStream(out, true, StandardCharsets.UTF_8));
        results.write(folder.resolve("figures.json"), Map.of("kernel", "6"));

        assertThat(out.toString(StandardCharsets.UTF_8)).contains("ratio 0.75, wanted at most 0.85: met", "it rained");
        assertThat(Files.readString(folder.resolve("figures.json"))).contains("\"ratio\" : 0.75", "\"coturn\"");
    }

    @Test
    void refusesOptionsThatItDoesNotKnow() {
        assertThatIllegalArgumentException().isThrownBy(() -> RelayBench.Options.parse("--against", "pion"));
        assertThatIllegalArgumentException().isThrownBy(() -> RelayBench.Options.parse("--rounds"));
        assertThatIllegalArgumentException().isThrownBy(() -> RelayBench.Options.parse("--speed", "1"));
        assertThat(RelayBench.Options.parse("--rounds", "3", "--against", "coturn").rounds()).isEqualTo(3);
    }
}
