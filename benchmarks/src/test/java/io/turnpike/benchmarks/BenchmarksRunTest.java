package io.turnpike.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;

import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Every benchmark runs once; nothing is said about time. */
class BenchmarksRunTest {

    @Test
    void everyBenchmarkRuns() throws RunnerException {
        Collection<RunResult> results = new Runner(new OptionsBuilder().include("io.turnpike.benchmarks.*")
                .mode(Mode.SingleShotTime).warmupIterations(0).measurementIterations(1).forks(0)
                .shouldFailOnError(true).verbosity(VerboseMode.SILENT).build()).run();

        assertThat(results).extracting(result -> result.getParams().getBenchmark().replaceAll(".*\\.", ""))
                .containsOnly("allocateRequest", "sendIndication", "channelData", "verify", "fingerprint", "sign",
                        "deriveKey")
                .hasSize(3 + 4 * 2);
    }
}
