package io.turnpike.benchmarks.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.turnpike.benchmarks.Samples;
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
    private final Results results = new Results("own", "floor", true);

    @Test
    void takesTheMiddleOfTheRounds() {
        assertThat(new Samples(List.of(9.0, 1.0, 2.0)).median()).isEqualTo(2);
        assertThat(new Samples(List.of(4.0, 1.0, 2.0, 30.0)).median()).isEqualTo(3);
        assertThat(new Samples(List.of(4.0, 1.0, 2.0, 30.0)).spread()).isEqualTo(29.0 / 3);
        assertThatIllegalArgumentException().isThrownBy(() -> new Samples(List.of()));
    }

    @Test
    void showsTheFloorAndComparesWithServersOnly() {
        results.add(Measure.LONE_CPU, "own", 3);
        results.add(Measure.LONE_CPU, "one", 6);
        results.add(Measure.LONE_CPU, "floor", 2);

        assertThat(results.ratio(Measure.LONE_CPU)).contains(0.5);
        assertThat(results.of(Measure.LONE_CPU, "floor").median()).isEqualTo(2);
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
    void saysWhetherAGoalForTheRatioIsMet() {
        results.add(Measure.LONE_CPU, "own", 0.85);
        results.add(Measure.LONE_CPU, "coturn", 1);
        results.add(Measure.LONE_RATE, "own", 1.24);
        results.add(Measure.LONE_RATE, "coturn", 1);

        assertThat(results.verdict(Measure.LONE_CPU)).contains("at most 0.85: met");
        assertThat(results.verdict(Measure.LONE_RATE)).contains("at least 1.25: not met");
        assertThat(results.verdict(Measure.LATENCY_P99)).isEmpty();
    }

    @Test
    void saysWhetherAGoalForTheFigureIsMetWithoutAnother() {
        results.add(Measure.PAUSE_LONGEST, "own", 1.5);
        results.add(Measure.CROWD_GROWTH, "own", 1.1);

        assertThat(results.verdict(Measure.PAUSE_LONGEST)).contains("at most 1.00: not met");
        assertThat(results.verdict(Measure.CROWD_GROWTH)).contains("at most 1.15: met");
        assertThat(results.verdict(Measure.LONE_CPU)).isEmpty();
    }

    @Test
    void knowsTheFigureThatCameLast() {
        results.add(Measure.LONE_RATE, "own", 1);
        results.add(Measure.LONE_RATE, "own", 2);

        assertThat(results.last(Measure.LONE_RATE, "own")).hasValue(2);
        assertThat(results.last(Measure.LONE_RATE, "coturn")).isEmpty();
        assertThat(results.last(Measure.LONE_CPU, "own")).isEmpty();
    }

    @Test
    void printsAndWritesWhatWasMeasured(@TempDir Path folder) throws Exception {
        results.add(Measure.LONE_CPU, "own", 3);
        results.add(Measure.LONE_CPU, "coturn", 4);
        results.note(Measure.LONE_CPU, "it rained");
        results.note(Measure.LONE_CPU, "it rained");
        results.fail("tls", "coturn", "it does not answer");
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        results.print(new PrintStream(out, true, StandardCharsets.UTF_8));
        results.write(folder.resolve("figures.json"), Map.of("kernel", "6"));

        assertThat(out.toString(StandardCharsets.UTF_8)).contains("ratio 0.75", "wanted at most 0.85: met")
                .containsOnlyOnce("it rained").contains("NOT MEASURED tls against coturn: it does not answer")
                .containsPattern(
                        "lone packets at 50,000/s: server CPU \\(us/packet\\) +3.00 +4.00 +0.75 +-  at most 0.85: met");
        assertThat(Files.readString(folder.resolve("figures.json"))).contains("\"ratio\" : 0.75", "\"coturn\"",
                "\"met\" : true", "it does not answer");
        assertThat(results.hasFailures()).isTrue();
    }
}
