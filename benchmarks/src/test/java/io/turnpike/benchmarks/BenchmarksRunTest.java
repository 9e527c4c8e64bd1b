package io.turnpike.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Every benchmark runs once; nothing is said about time. */
class BenchmarksRunTest {

    @Test
    void everyBenchmarkRuns() throws Exception {
        List<String> written = benchmarkMethods();
        assertThat(written).isNotEmpty();

        Collection<RunResult> results = runOnce();

        assertThat(results).extracting(result -> result.getParams().getBenchmark())
                .containsAll(written).allMatch(written::contains);
    }

    private static Collection<RunResult> runOnce() throws RunnerException {
        return new Runner(new OptionsBuilder().include("io.turnpike.benchmarks.*").mode(Mode.SingleShotTime)
                .warmupIterations(0).measurementIterations(1).forks(0).shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT).build()).run();
    }

    /** The methods with JMH's annotation in this module's classes, whatever its generator made of them. */
    private static List<String> benchmarkMethods() throws Exception {
        Path classes = Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        List<String> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(path -> path.toString().endsWith("Benchmark.class")).toList()) {
                String name = classes.relativize(file).toString().replace(file.getFileSystem().getSeparator(), ".");
                Class<?> type = Class.forName(name.substring(0, name.length() - ".class".length()), false,
                        Main.class.getClassLoader());
                for (Method method : type.getMethods()) {
                    if (method.isAnnotationPresent(Benchmark.class)) {
                        found.add(type.getName() + '.' + method.getName());
                    }
                }
            }
        }
        return found;
    }
}
