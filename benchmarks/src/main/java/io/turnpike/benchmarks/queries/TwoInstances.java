package io.turnpike.benchmarks.queries;

import com.typesafe.config.ConfigFactory;
import io.turnpike.benchmarks.ClusterApi;
import io.turnpike.contract.SecretSeal;
import io.turnpike.quickstart.ClusterSettings;
import io.turnpike.quickstart.EmbeddedBroker;
import io.turnpike.telemetry.TelemetryApp;
import io.turnpike.telemetry.config.TelemetryConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A broker and two instances of the telemetry application in this process, without standbys. */
final class TwoInstances implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(20);

    private final EmbeddedBroker broker;
    private final List<TelemetryApp> apps = new ArrayList<>();

    private TwoInstances(EmbeddedBroker broker) {
        this.broker = broker;
    }

    static TwoInstances start(Path folder, int partitions) throws IOException, InterruptedException {
        TwoInstances instances = new TwoInstances(EmbeddedBroker.start(folder.resolve("broker"), 0));
        ClusterSettings settings = new ClusterSettings(instances.bootstrapServers(), SecretSeal.newKey());
        try {
            for (int instance = 0; instance < 2; instance++) {
                instances.apps.add(TelemetryApp.start(TelemetryConfig.load(ConfigFactory
                        .parseMap(Map.of("kafka.max-partitions", partitions, "http.query-deadline", "10 s"))
                        .withFallback(settings.telemetry(folder.resolve("state-" + instance), 0, List.of())))));
            }
            instances.await("both instances to be ready",
                    () -> instances.apps.stream().allMatch(TelemetryApp::isReady));
            return instances;
        } catch (IOException | InterruptedException | RuntimeException e) {
            instances.close();
            throw e;
        }
    }

    String bootstrapServers() {
        return broker.bootstrapServers();
    }

    /** The API of the first instance. */
    ClusterApi api() {
        return new ClusterApi(URI.create("http://127.0.0.1:" + apps.get(0).httpAddress().getPort() + "/"));
    }

    /** Waits until the cluster has counted so much, on either instance. */
    void awaitTotal(long billableBytes) throws IOException, InterruptedException {
        ClusterApi api = api();
        String path = "v1/cluster/usage?step=1h&from=" + Instant.now().minus(Duration.ofHours(4));
        await(billableBytes + " bytes to be counted", () -> api.find(path)
                .filter(answer -> answer.at("/total/billableBytes").longValue() >= billableBytes).isPresent());
    }

    private interface Condition {
        boolean holds() throws IOException, InterruptedException;
    }

    private void await(String what, Condition condition) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > end) {
                throw new IOException("waited in vain for " + what);
            }
            Thread.sleep(200);
        }
    }

    @Override
    public void close() {
        apps.forEach(TelemetryApp::close);
        broker.close();
    }
}
