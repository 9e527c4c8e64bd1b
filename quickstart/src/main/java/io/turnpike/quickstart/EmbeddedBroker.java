package io.turnpike.quickstart;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka's own broker and controller in this process, on loopback, for the quickstart and the tests; production is a Kafka
 * cluster. One node, KRaft combined mode, sized for a laptop. The data directory is formatted at the first start and
 * keeps its cluster id; a broker that was closed can be started again on it in the same JVM.
 */
public final class EmbeddedBroker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);
    private static final String HOST = "127.0.0.1";
    private static final int NODE_ID = 1;
    private static final String CONTROLLER = "CONTROLLER";
    private static final String CLUSTER_ID_FILE = "cluster.id";

    private final KafkaRaftServer server;
    private final int port;
    private boolean closed;

    private EmbeddedBroker(KafkaRaftServer server, int port) {
        this.server = server;
        this.port = port;
    }

    /**
     * Another client listener on 127.0.0.1, for clients that come through a forwarder.
     *
     * @param port where the broker listens
     * @param forwarderPort the port of 127.0.0.1 that clients are told to go on with
     */
    public record Forwarded(int port, int forwarderPort) {}

    /**
     * Starts the broker and returns when it serves.
     *
     * @param dataDir where its log lives; made if missing
     * @param port port of the client listener on 127.0.0.1; 0 takes a free one
     * @throws IOException if the directory cannot be prepared
     */
    public static EmbeddedBroker start(Path dataDir, int port) throws IOException {
        return start(dataDir, port, List.of());
    }

    /** The same with further listeners. */
    public static EmbeddedBroker start(Path dataDir, int port, List<Forwarded> forwarded) throws IOException {
        Path log = Files.createDirectories(dataDir.resolve("log"));
        int clientPort = port == 0 ? Loopback.freePort() : port;
        int controllerPort = Loopback.freePort();
        format(log, clusterId(dataDir));
        KafkaRaftServer server = new KafkaRaftServer(
                new KafkaConfig(settings(log, listeners(clientPort, controllerPort, forwarded)), false), Time.SYSTEM);
        EmbeddedBroker broker = new EmbeddedBroker(server, clientPort);
        try {
            server.startup();
        } catch (RuntimeException e) {
            broker.close();
            throw e;
        }
        LOG.info("broker serves bootstrap={} data={}", broker.bootstrapServers(), dataDir);
        return broker;
    }

    /** Port of the client listener on 127.0.0.1. */
    public int port() {
        return port;
    }

    /** What clients give as {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return HOST + ":" + port;
    }

    /** Stops the broker and waits for the end of its threads; a second call does nothing. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            server.shutdown();
            server.awaitShutdown();
        }
    }

    private static String clusterId(Path dataDir) throws IOException {
        Path file = dataDir.resolve(CLUSTER_ID_FILE);
        if (!Files.exists(file)) {
            Files.writeString(file, Uuid.randomUuid().toString());
        }
        return Files.readString(file).strip();
    }

    private static void format(Path log, String clusterId) throws IOException {
        Formatter formatter = new Formatter().setClusterId(clusterId).setNodeId(NODE_ID)
                .setControllerListenerName(CONTROLLER).setMetadataLogDirectory(log.toString())
                .addDirectory(log.toString()).setIgnoreFormatted(true)
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
        try {
            formatter.run();
        } catch (Exception e) {
            throw new IOException("cannot format the broker's directory " + log + ": " + e.getMessage(), e);
        }
    }

    private static Map<String, String> listeners(int clientPort, int controllerPort, List<Forwarded> forwarded) {
        StringBuilder listeners = new StringBuilder("PLAINTEXT://" + HOST + ":" + clientPort);
        StringBuilder advertised = new StringBuilder(listeners);
        StringBuilder protocols = new StringBuilder("PLAINTEXT:PLAINTEXT," + CONTROLLER + ":PLAINTEXT");
        for (Forwarded each : forwarded) {
            String name = "FORWARDED" + each.forwarderPort();
            listeners.append(',').append(name).append("://" + HOST + ":").append(each.port());
            advertised.append(',').append(name).append("://" + HOST + ":").append(each.forwarderPort());
            protocols.append(',').append(name).append(":PLAINTEXT");
        }
        listeners.append("," + CONTROLLER + "://" + HOST + ":").append(controllerPort);
        return Map.of("controller.quorum.voters", NODE_ID + "@" + HOST + ":" + controllerPort, "listeners",
                listeners.toString(), "advertised.listeners", advertised.toString(), "listener.security.protocol.map",
                protocols.toString(), "inter.broker.listener.name", "PLAINTEXT");
    }

    /** One node holds every replica; small buffers and few partitions keep it at some hundred megabytes. */
    private static Map<String, String> settings(Path log, Map<String, String> listeners) {
        Map<String, String> settings = new HashMap<>(listeners);
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", Integer.toString(NODE_ID));
        settings.put("controller.listener.names", CONTROLLER);
        settings.put("log.dirs", log.toString());
        settings.put("auto.create.topics.enable", "false");
        for (String internal : List.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")) {
            settings.put(internal + ".num.partitions", internal.startsWith("share") ? "1" : "4");
            settings.put(internal + ".replication.factor", "1");
        }
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");
        settings.put("default.replication.factor", "1");
        settings.put("min.insync.replicas", "1");
        settings.put("num.partitions", "1");
        settings.put("group.initial.rebalance.delay.ms", "0");
        settings.put("num.network.threads", "2");
        settings.put("num.io.threads", "2");
        settings.put("background.threads", "2");
        settings.put("num.replica.fetchers", "1");
        settings.put("log.cleaner.dedupe.buffer.size", "8388608");
        settings.put("log.cleaner.io.buffer.size", "131072");
        settings.put("log.index.size.max.bytes", "1048576");
        settings.put("metadata.log.max.record.bytes.between.snapshots", "4194304");
        // A process that was killed registers again only when its last session has run out.
        settings.put("broker.session.timeout.ms", "4000");
        settings.put("broker.heartbeat.interval.ms", "500");
        return settings;
    }
}
