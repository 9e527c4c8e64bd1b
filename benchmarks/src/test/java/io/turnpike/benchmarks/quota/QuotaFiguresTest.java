package io.turnpike.benchmarks.quota;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.turnpike.benchmarks.quota.QuotaFigures.Measure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuotaFiguresTest {
    @TempDir
    Path folder;

    @Test
    void printsEachClusterWithItsMeasures() {
        QuotaFigures figures = new QuotaFigures();
        figures.add("2 relays, 1 tenant", Measure.REVIVED, 12.34);
        figures.add("2 relays, 1 tenant", Measure.REVIVED, 56.78);

        ByteArrayOutputStream out = new ByteArrayOutputStream();
        figures.print(new PrintStream(out, true, StandardCharsets.UTF_8));

        assertThat(out.toString(StandardCharsets.UTF_8).lines().toList()).hasSize(2)
                .first().isEqualTo("2 relays, 1 tenant");
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("p50      12.3", "p99      56.8", "of 2");
    }

    @Test
    void writesAllSamplesForMachines() throws IOException {
        QuotaFigures figures = new QuotaFigures();
        figures.add("1 relay, 1 tenant", Measure.OVER, 0);
        Path file = folder.resolve("figures.json");

        figures.write(file);

        JsonNode over = new ObjectMapper().readTree(file.toFile()).get("1 relay, 1 tenant").get("OVER");
        assertThat(over.get("samples")).hasSize(1);
        assertThat(over.get("title").textValue()).contains("beyond the quota");
    }
}
