package io.turnpike.system;

import com.typesafe.config.Config;
import io.turnpike.contract.SecretSeal;
import io.turnpike.node.RelayNode;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.quickstart.ClusterSettings;
import io.turnpike.quickstart.EmbeddedBroker;
import io.turnpike.quickstart.LocalAuthority;
import io.turnpike.quickstart.Loopback;
import io.turnpike.telemetry.TelemetryApp;
import io.turnpike.telemetry.config.TelemetryConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The real programs in this process on free ports, each of which can be stopped and started again on its folder. Confined
 * to the test's thread.
 */
final class EmbeddedCluster implements TurnpikeCluster {
    private static final Duration READY = Duration.ofSeconds(90);

    private final Path dataDir;
    private final ClusterSettings settings;
    private final int brokerPort;
    private final int apiPort;
    private final int[] turnPorts;
    private final int[] securePorts;
    private final int[] adminPorts;
    private final LocalAuthority certificates;
    private final List<RelayNode> nodes = new ArrayList<>();
    private EmbeddedBroker broker;
    private TelemetryApp telemetry;

    private EmbeddedCluster(Path dataDir, int relays) throws IOException {
        this.dataDir = dataDir;
        brokerPort = Loopback.freePort();
        apiPort = Loopback.freePort();
        turnPorts = new int[relays];
        securePorts = new int[relays];
        adminPorts = new int[relays];
        for (int i = 0; i < relays; i++) {
            turnPorts[i] = Loopback.freePort();
            securePorts[i] = Loopback.freePort();
            adminPorts[i] = Loopback.freePort();
            nodes.add(null);
        }
        settings = new ClusterSettings("127.0.0.1:" + brokerPort, clusterKey(dataDir));
        certificates = LocalAuthority.open(dataDir.resolve("tls"), Clock.systemUTC());
    }

    /** Starts all parts and returns when they are ready. */
    static EmbeddedCluster start(Path dataDir, int relays) {
        try {
            EmbeddedCluster cluster = new EmbeddedCluster(dataDir, relays);
            try {
                cluster.startBroker();
                cluster.startTelemetry();
                for (int relay = 1; relay <= relays; relay++) {
                    cluster.startRelay(relay);
                }
                cluster.awaitReady();
                return cluster;
            } catch (RuntimeException e) {
                cluster.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void startBroker() {
        try {
            broker = EmbeddedBroker.start(dataDir.resolve("kafka"), brokerPort);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void stopBroker() {
        broker.close();
        broker = null;
    }

    void startTelemetry() {
        telemetry = TelemetryApp.start(
                TelemetryConfig.load(settings.telemetry(dataDir.resolve("telemetry"), apiPort, iceUrls())));
    }

    private List<String> iceUrls() {
        return IntStream.of(turnPorts).mapToObj(port -> "turn:127.0.0.1:" + port).toList();
    }

    void stopTelemetry() {
        telemetry.close();
        telemetry = null;
    }

    void startRelay(int index) {
        try {
            nodes.set(index - 1, RelayNode.start(RelayConfig.load(relayConfig(index))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a relay, from 1, is started with. */
    Config relayConfig(int index) {
        return settings.relay(index, dataDir.resolve("relay-" + index), turnPorts[index - 1], adminPorts[index - 1],
                Optional.of(certificates.at(securePorts[index - 1])));
    }

    void stopRelay(int index) {
        nodes.get(index - 1).close();
        nodes.set(index - 1, null);
    }

    /** Waits until telemetry answers from its stores and every relay has heard from Kafka. */
    void awaitReady() {
        Readiness.awaitAll(this, READY);
    }

    /** The settings that its programs were started with. */
    ClusterSettings settings() {
        return settings;
    }

    @Override
    public int relays() {
        return turnPorts.length;
    }

    @Override
    public InetSocketAddress relay(int index) {
        return new InetSocketAddress("127.0.0.1", turnPorts[index - 1]);
    }

    /** Where a relay, from 1, listens over TLS and DTLS. */
    InetSocketAddress secureRelay(int index) {
        return new InetSocketAddress("127.0.0.1", securePorts[index - 1]);
    }

    /** PEM file of the certificate that relays show. */
    Path relayCertificate() {
        return certificates.at(0).certificate();
    }

    /** PEM file of the authority that certified the relays. */
    Path authority() {
        return certificates.certificate();
    }

    @Override
    public URI relayAdmin(int index) {
        return URI.create("http://127.0.0.1:" + adminPorts[index - 1] + "/");
    }

    @Override
    public URI api() {
        return URI.create("http://127.0.0.1:" + apiPort + "/");
    }

    @Override
    public InetAddress peerAddress() {
        return InetAddress.getLoopbackAddress();
    }

    @Override
    public void close() {
        for (int relay = 1; relay <= turnPorts.length; relay++) {
            if (nodes.get(relay - 1) != null) {
                stopRelay(relay);
            }
        }
        if (telemetry != null) {
            stopTelemetry();
        }
        if (broker != null) {
            stopBroker();
        }
    }

    private static String clusterKey(Path dataDir) throws IOException {
        Path file = dataDir.resolve("cluster.key");
        if (!Files.exists(file)) {
            Files.writeString(file, SecretSeal.newKey());
        }
        return Files.readString(file);
    }
}
