package io.turnpike.benchmarks.relay;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import io.turnpike.quickstart.Loopback;
import io.turnpike.quickstart.Ports;
import io.turnpike.quickstart.Quickstart;
import io.turnpike.quickstart.QuickstartOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The servers that are compared, side by side on one core, with all that a relay of a cluster needs: a broker and the
 * telemetry application in this process, on the load's core, and a hard quota that is never used up.
 */
final class Servers implements AutoCloseable {
    static final String TURNPIKE = "turnpike";
    private static final long QUOTA_BYTES = 1L << 50;
    /** Each server relays from a loopback address of its own, so that none finds its ports taken by another. */
    private static final String RELAY_HOST = "127.0.0.1";
    private static final int FIRST_PORT = 10_000;
    private static final int LAST_PORT = 65_000;

    private final List<Server> servers = new ArrayList<>();
    private final Quickstart cluster;

    private Servers(Quickstart cluster) {
        this.cluster = cluster;
    }

    /**
     * Starts the relay, and coturn where it is wanted: with its own threads and with one, the better of which counts.
     *
     * @param home of the project
     * @param work folder for data and logs
     * @param java of the relay
     */
    static Servers start(Path home, Path work, Path java, boolean coturn) throws IOException, InterruptedException {
        Ports ports = new Ports(Loopback.freePort(), Loopback.freePort(), Loopback.freePort(), Loopback.freePort(),
                Loopback.freePort());
        Quickstart cluster = Quickstart.start(new QuickstartOptions(1, work.resolve("cluster"), false, ports),
                line -> {});
        Servers started = new Servers(cluster);
        try {
            started.limitDemo();
            started.servers.add(turnpike(cluster, home, work, java));
            if (coturn) {
                started.servers.add(coturn("coturn", work, "127.0.0.12", List.of()));
                started.servers.add(coturn("coturn -m 1", work, "127.0.0.13", List.of("-m", "1")));
            }
            return started;
        } catch (IOException | InterruptedException | RuntimeException e) {
            started.close();
            throw e;
        }
    }

    private void limitDemo() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(cluster.api().resolve("v1/tenants/demo/quota"))
                .header("Authorization", "Bearer demo-admin").header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString("""
                        {"mode":"HARD","period":"MONTH","timeZone":"UTC","volumeBytes":%d,"onControlLoss":"STOP"}
                        """.formatted(QUOTA_BYTES)))
                .build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() / 100 != 2) {
            throw new IOException("the quota is refused: " + answer.statusCode() + " " + answer.body());
        }
    }

    private static Server turnpike(Quickstart cluster, Path home, Path work, Path java)
            throws IOException, InterruptedException {
        int port = Loopback.freePort();
        Config settings = ConfigFactory.parseString("""
                node.id = bench
                relay { port-min = %d, port-max = %d, port-rest = 0s, ipv4 = "127.0.0.11" }
                relay.ipv6 = null
                listeners = [{ transport = udp, host = "127.0.0.1", port = %d }]
                answers { challenges-per-prefix = 10000000, challenges-total = 10000000 }
                """.formatted(FIRST_PORT, LAST_PORT, port))
                .withFallback(cluster.relaySettings(2, work.resolve("relay"), port, Loopback.freePort()));
        Path file = work.resolve("relay.conf");
        Files.writeString(file, settings.root().render(ConfigRenderOptions.concise()));
        return Server.start(TURNPIKE, List.of("env", "JAVA_HOME=" + java, home.resolve("turnpike").toString(), "relay",
                "--config", file.toString()), port, work.resolve("relay.log"));
    }

    private static Server coturn(String name, Path work, String relayHost, List<String> threads)
            throws IOException, InterruptedException {
        int port = Loopback.freePort();
        List<String> command = new ArrayList<>(List.of("turnserver", "-n", "--lt-cred-mech", "-u", "demo:demo", "-r",
                "turnpike", "--listening-ip", RELAY_HOST, "--relay-ip", relayHost, "-p", Integer.toString(port),
                "--min-port", Integer.toString(FIRST_PORT), "--max-port", Integer.toString(LAST_PORT),
                "--allow-loopback-peers", "--no-cli", "--no-tls", "--no-dtls", "--no-tcp", "--simple-log", "--log-file",
                work.resolve(name.replace(' ', '-') + ".turnlog").toString(), "--pidfile",
                work.resolve(name.replace(' ', '-') + ".pid").toString()));
        command.addAll(threads);
        return Server.start(name, command, port, work.resolve(name.replace(' ', '-') + ".log"));
    }

    List<Server> all() {
        return Collections.unmodifiableList(servers);
    }

    Server turnpike() {
        return servers.get(0);
    }

    URI api() {
        return cluster.api();
    }

    @Override
    public void close() {
        servers.forEach(Server::close);
        cluster.close();
    }
}
