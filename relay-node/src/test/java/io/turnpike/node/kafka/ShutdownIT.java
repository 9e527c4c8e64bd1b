package io.turnpike.node.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.typesafe.config.ConfigFactory;
import io.turnpike.client.ClientTransport;
import io.turnpike.client.TurnClient;
import io.turnpike.node.RelayNode;
import io.turnpike.node.config.RelayConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A relay that is stopped while Kafka is away: it ends in bounded time, and what it had to say is on disk. */
class ShutdownIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    /** Ten times what an operator is promised. */
    private static final Duration BOUND = Duration.ofSeconds(100);

    @TempDir
    Path brokerDir;
    @TempDir
    Path nodeDir;

    @Test
    void stopsAndKeepsItsFinalRecordsWhenKafkaHasGoneAway() throws Exception {
        try (EmbeddedKafka kafka = new EmbeddedKafka(brokerDir)) {
            kafka.start();
            RelayNode node = RelayNode.start(config(kafka.bootstrapServers()));
            await().atMost(LONG).until(() -> metrics(node).contains("turn_quota_control_connected 1"));
            try (TurnClient client = TurnClient.to(node.listeners().get(0).address()).transport(ClientTransport.UDP)
                    .credentials("al", "secret").connect().get(LONG.toSeconds(), TimeUnit.SECONDS)) {
                client.allocate().get(LONG.toSeconds(), TimeUnit.SECONDS);
                kafka.stop();
                long before = spoolBytes();
                assertTimeoutPreemptively(BOUND, node::close);
                assertThat(spoolBytes()).isGreaterThan(before);
            }
        }
    }

    @Test
    void stopsWhenKafkaWasNeverThere() throws Exception {
        RelayNode node = RelayNode.start(config("127.0.0.1:1"));
        assertTimeoutPreemptively(BOUND, node::close);
        assertThat(spoolBytes()).isPositive();
    }

    private RelayConfig config(String brokers) {
        return RelayConfig.load(ConfigFactory.parseString("""
                node { id = n1, data-dir = "%s" }
                default-tenant = demo
                cluster-key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
                event-loops = 1
                kafka { bootstrap-servers = "%s", max-partitions = 1 }
                quota.default.mode = OFF
                auth.users = [{ tenant = demo, user = al, password = secret }]
                admin { host = "127.0.0.1", port = 0 }
                listeners = [{ transport = udp, host = "127.0.0.1", port = 0 }]
                """.formatted(nodeDir, brokers)));
    }

    private long spoolBytes() throws IOException {
        try (Stream<Path> files = Files.walk(nodeDir.resolve("spool"))) {
            long bytes = 0;
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                bytes += Files.size(file);
            }
            return bytes;
        }
    }

    private static String metrics(RelayNode node) throws Exception {
        InetSocketAddress admin = node.adminAddress();
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin.getPort() + "/metrics")).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
