package io.turnpike.system;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.turnpike.contract.SecretSeal;
import io.turnpike.node.RelayNode;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.quickstart.ClusterSettings;
import io.turnpike.quickstart.EmbeddedBroker;
import io.turnpike.quickstart.Loopback;
import io.turnpike.telemetry.TelemetryProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The real programs on loopback, to be broken: telemetry and relay 1 are processes of their own, which can be killed, and
 * relay 1 reaches Kafka through a link that can be cut. Times that decide when somebody counts as gone are the shortest
 * that the programs take. Confined to the test's thread.
 */
final class FaultyCluster implements TurnpikeCluster {
    private static final Duration READY = Duration.ofSeconds(90);
    private static final Config IMPATIENT_RELAY = ConfigFactory.parseMap(Map.of("quota.control-timeout", "3s",
            "usage.active-interval", "1s"));
    private static final Config IMPATIENT_TELEMETRY = ConfigFactory.parseMap(Map.of("streams.session-timeout", "6 s"));

    private final Path dataDir;
    private final ClusterSettings settings;
    private final ClusterSettings settingsOverLink;
    private final int brokerPort = Loopback.freePort();
    private final int portBehindLink = Loopback.freePort();
    private final CuttableLink link = new CuttableLink(portBehindLink);
    private final List<Integer> turnPorts = new ArrayList<>();
    private final List<Integer> adminPorts = new ArrayList<>();
    private final List<RelayNode> others = new ArrayList<>();
    private EmbeddedBroker broker;
    private TelemetryProcess telemetry;
    private RelayProcess first;

    private FaultyCluster(Path dataDir, int relays) throws IOException {
        this.dataDir = dataDir;
        String key = SecretSeal.newKey();
        settings = new ClusterSettings("127.0.0.1:" + brokerPort, key);
        settingsOverLink = new ClusterSettings("127.0.0.1:" + link.port(), key);
        for (int relay = 0; relay < relays; relay++) {
            turnPorts.add(Loopback.freePort());
            adminPorts.add(Loopback.freePort());
        }
    }

    /** Starts all parts and returns when they are ready. */
    static FaultyCluster start(Path dataDir, int relays) throws IOException {
        FaultyCluster cluster = new FaultyCluster(dataDir, relays);
        try {
            cluster.startBroker();
            cluster.startTelemetry();
            cluster.startFirstRelay();
            for (int relay = 2; relay <= relays; relay++) {
                cluster.others.add(RelayNode.start(RelayConfig.load(cluster.relayConfig(cluster.settings, relay))));
            }
            cluster.awaitReady();
            return cluster;
        } catch (IOException | RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    void startBroker() throws IOException {
        broker = EmbeddedBroker.start(dataDir.resolve("kafka"), brokerPort,
                List.of(new EmbeddedBroker.Forwarded(portBehindLink, link.port())));
    }

    void stopBroker() {
        broker.close();
        broker = null;
    }

    void startTelemetry() throws IOException {
        Config config = IMPATIENT_TELEMETRY
                .withFallback(settings.telemetry(dataDir.resolve("telemetry"), 0, List.of()));
        telemetry = TelemetryProcess.start(dataDir.resolve("telemetry-process"), config.root().unwrapped());
    }

    /** SIGKILL. */
    void killTelemetry() throws InterruptedException {
        telemetry.kill();
        telemetry = null;
    }

    void startFirstRelay() throws IOException {
        first = RelayProcess.start(relayConfig(settingsOverLink, 1));
    }

    /** SIGKILL. */
    void killFirstRelay() throws InterruptedException {
        first.kill();
        first = null;
    }

    /** Cuts relay 1 off from Kafka. */
    void cutFirstRelayOff() {
        link.cut();
    }

    /** Starts and mends whatever is away; returns when all is ready. */
    void repair() throws IOException {
        link.mend();
        if (broker == null) {
            startBroker();
        }
        if (telemetry == null) {
            startTelemetry();
        }
        if (first == null) {
            startFirstRelay();
        }
        awaitReady();
    }

    private void awaitReady() {
        Readiness.awaitAll(this, READY);
    }

    private Config relayConfig(ClusterSettings from, int index) {
        return IMPATIENT_RELAY.withFallback(from.relay(index, dataDir.resolve("relay-" + index),
                turnPorts.get(index - 1), adminPorts.get(index - 1)));
    }

    @Override
    public int relays() {
        return turnPorts.size();
    }

    @Override
    public InetSocketAddress relay(int index) {
        return new InetSocketAddress("127.0.0.1", turnPorts.get(index - 1));
    }

    @Override
    public URI relayAdmin(int index) {
        return URI.create("http://127.0.0.1:" + adminPorts.get(index - 1) + "/");
    }

    /** Another one after each start of telemetry. */
    @Override
    public URI api() {
        return URI.create("http://127.0.0.1:" + telemetry.httpPort() + "/");
    }

    @Override
    public InetAddress peerAddress() {
        return InetAddress.getLoopbackAddress();
    }

    @Override
    public void close() {
        link.mend();
        others.forEach(RelayNode::close);
        if (first != null) {
            first.close();
        }
        if (telemetry != null) {
            telemetry.close();
        }
        if (broker != null) {
            stopBroker();
        }
        link.close();
    }
}
