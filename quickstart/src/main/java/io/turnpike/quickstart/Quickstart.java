package io.turnpike.quickstart;

import com.typesafe.config.Config;
import io.turnpike.node.RelayNode;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.telemetry.TelemetryApp;
import io.turnpike.telemetry.config.TelemetryConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything of {@code ./turnpike up}, in the order in which it starts: the broker, telemetry, the relays, the demo
 * tenant, synthetic calls. Closing goes the other way.
 */
public final class Quickstart implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Quickstart.class);

    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private URI api;
    private ClusterSettings settings;
    private Path authority;

    private Quickstart() {}

    /**
     * Starts everything and returns when it serves.
     *
     * @param say takes a line for the person at the terminal
     * @throws IOException if the folder cannot be used or a part cannot start
     */
    public static Quickstart start(QuickstartOptions options, Consumer<String> say)
            throws IOException, InterruptedException {
        Quickstart quickstart = new Quickstart();
        try {
            quickstart.startAll(options, say);
            return quickstart;
        } catch (IOException | InterruptedException | RuntimeException e) {
            quickstart.close();
            throw e;
        }
    }

    private void startAll(QuickstartOptions options, Consumer<String> say) throws IOException, InterruptedException {
        Ports ports = options.ports();
        DataFolder folder = opened(DataFolder.open(options.data()));
        say.accept("State is kept in " + folder.root());

        LocalAuthority certificates = LocalAuthority.open(folder.tls(), Clock.systemUTC());
        opened(new CertificateRenewal(certificates));
        authority = certificates.certificate();

        say.accept("Starting Kafka ...");
        EmbeddedBroker broker = opened(EmbeddedBroker.start(folder.kafka(), ports.kafka()));
        settings = new ClusterSettings(broker.bootstrapServers(), folder.key("cluster"));

        say.accept(
                "Starting telemetry and " + options.relays() + (options.relays() == 1 ? " relay" : " relays") + " ...");
        opened(TelemetryApp.start(
                TelemetryConfig.load(settings.telemetry(folder.telemetry(), ports.api(), iceUrls(options)))));
        api = URI.create("http://127.0.0.1:" + ports.api() + "/");
        Config services = ports.closedToPeers(options.relays());
        Relays relays = opened(new Relays());
        for (int relay = 1; relay <= options.relays(); relay++) {
            relays.add(RelayNode.start(RelayConfig.load(services
                    .withFallback(ports.alternatesOf(relay, options.relays()))
                    .withFallback(settings.relay(relay, folder.relay(relay), ports.relay(relay), ports.admin(relay),
                            Optional.of(certificates.at(ports.tls(relay))))))));
        }
        say.accept(
                "Loopback peers are allowed on these relays: this is a quickstart. A relay of a cluster denies them.");

        Health.awaitReady("telemetry", api);
        if (!folder.isDone("demo-tenant")) {
            new DemoTenant(api).create();
            folder.done("demo-tenant");
        }
        for (int relay = 1; relay <= options.relays(); relay++) {
            Health.awaitReady("relay " + relay, URI.create("http://127.0.0.1:" + ports.admin(relay) + "/"));
        }
        if (options.demo()) {
            opened(DemoCalls.start(options));
        }
    }

    /** Settings of a further relay of this cluster, in a process of its own; parameters as of {@link ClusterSettings}. */
    public Config relaySettings(int index, Path dataDir, int turnPort, int adminPort) {
        return settings.relay(index, dataDir, turnPort, adminPort);
    }

    /** Where the API and the dashboard are. */
    public URI api() {
        return api;
    }

    /** The certificate that clients over TLS must trust. */
    public Path authority() {
        return authority;
    }

    /** Closes everything, the last started first; what fails to close does not keep the rest from it. */
    @Override
    public void close() {
        while (!started.isEmpty()) {
            AutoCloseable part = started.pop();
            long start = System.nanoTime();
            try {
                part.close();
                LOG.info("closed part={} millis={}", part.getClass().getSimpleName(),
                        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
            } catch (Exception e) {
                LOG.warn("a part did not close part={}", part.getClass().getSimpleName(), e);
            }
        }
    }

    private <T extends AutoCloseable> T opened(T part) {
        started.push(part);
        return part;
    }

    private static List<String> iceUrls(QuickstartOptions options) {
        List<String> urls = new ArrayList<>();
        for (int relay = 1; relay <= options.relays(); relay++) {
            for (String transport : List.of("udp", "tcp")) {
                urls.add("turn:127.0.0.1:" + options.ports().relay(relay) + "?transport=" + transport);
            }
            urls.add("turns:127.0.0.1:" + options.ports().tls(relay) + "?transport=tcp");
        }
        return urls;
    }
}
