package io.turnpike.benchmarks.streams;

import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.ConfigFactory;
import io.turnpike.benchmarks.Arguments;
import io.turnpike.benchmarks.ClusterApi;
import io.turnpike.benchmarks.EventWriter;
import io.turnpike.benchmarks.streams.StreamsFigures.Measure;
import io.turnpike.contract.SecretSeal;
import io.turnpike.contract.UserKey;
import io.turnpike.quickstart.ClusterSettings;
import io.turnpike.quickstart.EmbeddedBroker;
import io.turnpike.quickstart.Loopback;
import io.turnpike.telemetry.TelemetryApp;
import io.turnpike.telemetry.config.TelemetryConfig;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;

/**
 * {@code ./turnpike bench streams}: what the telemetry application makes of a backlog of events, and at which cost: the
 * real topology, exactly once, with durable stores, on a real broker in this process. Each round writes a part of a seeded
 * trace while the application is stopped, lets a plain consumer read it, and then lets the application count it. In the
 * end what it counted must be what the trace holds.
 */
public final class StreamsBench {
    private static final long SEED = 6;
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final long SAMPLE_MILLIS = 50;
    private static final long LAG_MILLIS = 100;
    private static final int SLICES_PER_SECOND = 20;
    private static final double MEBIBYTE = 1 << 20;
    private static final int MICROS = 1_000_000;
    private static final int USERS_CHECKED = 100;
    private static final String KEY = SecretSeal.newKey();
    private static final String HELP = """
            Usage: ./turnpike bench streams [options]

              --records N        events of a round; 600000 unless told otherwise
              --users N          users over which they are spread, each with two allocations; 10000
              --threads N        stream threads; 1
              --partitions N     of each topic; 6 for each thread, 24 at most
              --rounds N         rounds that are measured, after one that is not; 3
              --seconds N        how long the application is watched at a steady rate; 20
              --rate N           that rate, in events per second; 10000
              --quick            one short round: whether it works
              --json FILE        all samples for machines

            Broker and application run in this process. Ends with 1 if the application counts anything but what the trace holds.
            """;

    private final StreamsOptions options;
    private final PrintStream out;
    private final Path work;
    private final StreamsFigures figures = new StreamsFigures();
    private final UsageTrace trace;
    private final int apiPort;
    private final ClusterApi api;

    private StreamsBench(StreamsOptions options, Path work, PrintStream out) throws IOException {
        this.options = options;
        this.work = work;
        this.out = out;
        apiPort = Loopback.freePort();
        api = new ClusterApi(URI.create("http://127.0.0.1:" + apiPort + "/"));
        Instant begin = Instant.now().minus(1, ChronoUnit.HOURS);
        trace = new UsageTrace(SEED, options.users(), begin, begin.toEpochMilli());
    }

    /** Runs the benchmark; answers the exit code. */
    public static int main(String... arguments) throws IOException, InterruptedException {
        return Arguments.run(HELP, StreamsOptions::parse, StreamsBench::run, arguments);
    }

    private static int run(StreamsOptions options) throws IOException, InterruptedException {
        Path work = Files.createTempDirectory("turnpike-bench");
        try {
            new StreamsBench(options, work, System.out).run();
            return 0;
        } catch (IOException e) {
            System.err.println("bench streams: " + e.getMessage());
            return 1;
        } finally {
            System.out.println("Data is in " + work);
        }
    }

    private void run() throws IOException, InterruptedException {
        out.printf("%,d events a round, %,d users, %d stream threads, %d partitions, JDK %s%n", options.records(),
                options.users(), options.threads(), options.partitions(), Runtime.version());
        try (EmbeddedBroker broker = EmbeddedBroker.start(work.resolve("kafka"), 0);
                EventWriter writer = new EventWriter(broker.bootstrapServers());
                Offsets offsets = new Offsets(broker.bootstrapServers(), config(broker).applicationId(),
                        options.partitions(), options.threads())) {
            start(broker).close(); // makes the topics
            for (int round = 0; round <= options.rounds(); round++) {
                out.println(round == 0 ? "warming up" : "round " + round + " of " + options.rounds());
                round(broker, writer, offsets, round > 0);
            }
            steadily(broker, writer);
            restart(broker);
        } finally {
            out.println();
            figures.print(out);
            if (options.json().isPresent()) {
                figures.write(options.json().get());
            }
        }
    }

    private void round(EmbeddedBroker broker, EventWriter writer, Offsets offsets, boolean measured)
            throws IOException, InterruptedException {
        Map<TopicPartition, Long> from = offsets.inputEnds();
        write(writer, options.records());
        Map<TopicPartition, Long> to = offsets.inputEnds();
        PlainReader reader = PlainReader.read(broker.bootstrapServers(), from, to);
        long sentBefore = offsets.written();
        try (TelemetryApp app = TelemetryApp.start(config(broker))) {
            Passage passage = Passage.watch(offsets, to, PATIENCE, SAMPLE_MILLIS);
            if (measured) {
                double rate = passage.records() / passage.time().seconds() / options.threads();
                double limit = reader.records() / reader.seconds();
                figures.add(Measure.RATE, rate);
                figures.add(Measure.STREAM_CPU, passage.time().streamNanos() / 1e3 / passage.records());
                figures.add(Measure.PROCESS_CPU, passage.time().processNanos() / 1e3 / passage.records());
                figures.add(Measure.SENT, (offsets.written() - sentBefore) / (double) options.records());
                figures.add(Measure.READER_RATE, limit);
                figures.add(Measure.READER_CPU, reader.cpuSeconds() * MICROS / reader.records());
                figures.add(Measure.OF_LIMIT, rate / limit);
                awaitReady(app);
                figures.add(Measure.COMMIT, api.metric("kafka_stream_thread_commit_latency_avg"));
            }
        }
    }

    /** Writes the next records of the trace, and returns when the broker has them. */
    private void write(EventWriter writer, int records) throws IOException {
        for (int i = 0; i < records; i++) {
            UsageTrace.Event event = trace.next();
            writer.send(event.topic(), event.key(), event.value());
        }
        writer.flush();
    }

    /** The application at a rate that it can follow. */
    private void steadily(EmbeddedBroker broker, EventWriter writer) throws IOException, InterruptedException {
        out.printf("%,d events per second for %d s%n", options.pacedRate(), options.pacedSeconds());
        try (TelemetryApp app = TelemetryApp.start(config(broker))) {
            awaitReady(app);
            List<Double> lags = new ArrayList<>();
            Thread asker = new Thread(() -> askForLag(lags), "lag");
            asker.start();
            long begin = System.nanoTime();
            for (int slice = 0; slice < options.pacedSeconds() * SLICES_PER_SECOND; slice++) {
                write(writer, Math.max(1, options.pacedRate() / SLICES_PER_SECOND));
                long due = begin + (slice + 1) * Duration.ofSeconds(1).toNanos() / SLICES_PER_SECOND;
                long rest = (due - System.nanoTime()) / MICROS;
                if (rest > 0) {
                    Thread.sleep(rest);
                }
            }
            asker.interrupt();
            asker.join();
            lags.forEach(lag -> figures.add(Measure.PACED_LAG, lag));
            figures.add(Measure.PACED_COMMIT, api.metric("kafka_stream_thread_commit_latency_avg"));
            check();
        }
    }

    private void askForLag(List<Double> lags) {
        try {
            while (true) { // until interrupted
                Thread.sleep(LAG_MILLIS);
                lags.add(usage("v1/cluster/usage").get("lagMs").doubleValue());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            out.println("no lag: " + e.getMessage());
        }
    }

    /** What was counted of the cluster and of a hundred users is what the trace holds. */
    private void check() throws IOException, InterruptedException {
        check("v1/cluster/usage", trace.truth().values().stream().mapToLong(UsageTrace::billableBytes).sum());
        for (Map.Entry<String, long[]> user : trace.truth().entrySet().stream().limit(USERS_CHECKED).toList()) {
            UserKey key = UserKey.parse(user.getKey()).orElseThrow();
            check("v1/tenants/" + key.tenantId() + "/users/" + key.userId() + "/usage",
                    UsageTrace.billableBytes(user.getValue()));
        }
    }

    private void check(String path, long expected) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        long counted = billable(usage(path));
        while (counted < expected && System.nanoTime() < deadline) {
            Thread.sleep(SAMPLE_MILLIS);
            counted = billable(usage(path));
        }
        if (counted != expected) {
            throw new IOException(path + " answers " + counted + " billable bytes, not " + expected);
        }
    }

    private JsonNode usage(String path) throws IOException, InterruptedException {
        Instant day = Instant.now().truncatedTo(ChronoUnit.DAYS);
        return api.get(path + "?step=1d&from=" + day.minus(2, ChronoUnit.DAYS) + "&to="
                + day.plus(1, ChronoUnit.DAYS));
    }

    private static long billable(JsonNode series) {
        long sum = 0;
        for (JsonNode point : series.get("points")) {
            sum += point.get("billableBytes").longValue();
        }
        return sum;
    }

    /** Starts with the stores and without them. */
    private void restart(EmbeddedBroker broker) throws IOException, InterruptedException {
        Path stores = config(broker).stateDir();
        figures.add(Measure.STATE, bytes(stores) / MEBIBYTE);
        figures.add(Measure.RESTART, secondsToReady(broker));
        delete(stores);
        figures.add(Measure.RESTORE, secondsToReady(broker));
    }

    private double secondsToReady(EmbeddedBroker broker) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        try (TelemetryApp app = TelemetryApp.start(config(broker))) {
            awaitReady(app);
            return (System.nanoTime() - begin) / 1e9;
        }
    }

    private TelemetryApp start(EmbeddedBroker broker) throws IOException, InterruptedException {
        TelemetryApp app = TelemetryApp.start(config(broker));
        awaitReady(app);
        return app;
    }

    private static void awaitReady(TelemetryApp app) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!app.isReady()) {
            if (System.nanoTime() > deadline) {
                throw new IOException("telemetry is not ready: " + app.waitingFor());
            }
            Thread.sleep(SAMPLE_MILLIS);
        }
    }

    private TelemetryConfig config(EmbeddedBroker broker) {
        return TelemetryConfig.load(ConfigFactory
                .parseMap(Map.of("kafka.max-partitions", options.partitions(), "streams.threads", options.threads()))
                .withFallback(new ClusterSettings(broker.bootstrapServers(), KEY)
                        .telemetry(work.resolve("telemetry"), apiPort, List.of())));
    }

    private static long bytes(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            long sum = 0;
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                try {
                    sum += Files.size(file);
                } catch (NoSuchFileException e) {
                    sum += 0; // compacted away meanwhile
                }
            }
            return sum;
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
