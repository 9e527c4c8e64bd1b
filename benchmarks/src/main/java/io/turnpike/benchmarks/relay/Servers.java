package io.turnpike.benchmarks.relay;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import io.turnpike.benchmarks.ClusterApi;
import io.turnpike.quickstart.Loopback;
import io.turnpike.quickstart.Ports;
import io.turnpike.quickstart.Quickstart;
import io.turnpike.quickstart.QuickstartOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The servers that are compared, side by side on one core, with all that a relay of a cluster needs: a broker and the
 * telemetry application in this process, on the load's core, and a hard quota that is never used up. Each relays from a
 * loopback address of its own, so that none finds its ports taken by another.
 */
final class Servers implements AutoCloseable {
    static final String TURNPIKE = "turnpike";
    static final String FLOOR = "floor";
    /** How the names of the relay's event loops begin. */
    static final String LOOP_THREADS = "relay-bench-";
    private static final long QUOTA_BYTES = 1L << 50;
    /** Exit code of a relay that is given no configuration. */
    private static final int RELAY_USAGE = 2;
    private static final String LISTEN_HOST = "127.0.0.1";
    private static final int FIRST_PORT = 10_000;
    private static final int LAST_PORT = 65_000;

    private final List<Server> servers = new ArrayList<>();
    private final Quickstart cluster;
    private final Path work;

    private Servers(Quickstart cluster, Path work) {
        this.cluster = cluster;
        this.work = work;
    }

    /**
     * Starts the relay, and where they are wanted coturn, with its own threads and with one, the better of which counts,
     * and the floor.
     *
     * @param home of the project
     * @param work folder for data and logs
     */
    static Servers start(Path home, Path work, Options options) throws IOException, InterruptedException {
        Ports ports = new Ports(Loopback.freePort(), Loopback.freePort(), Loopback.freePort(), Loopback.freePort(),
                Loopback.freePort());
        Quickstart cluster = Quickstart.start(new QuickstartOptions(1, work.resolve("cluster"), false, ports),
                line -> {});
        Servers started = new Servers(cluster, work);
        try {
            started.makeCertificate();
            new ClusterApi(cluster.api()).putHardQuota("demo", QUOTA_BYTES);
            started.bringUpToDate(home);
            started.servers.add(started.turnpike(home, options.java(), TURNPIKE, "demo", "127.0.0.11"));
            if (options.rival() == Rival.NO_QUOTA) {
                started.servers.add(started.turnpike(home, options.java(), "no quota", "free", "127.0.0.15"));
            }
            if (options.rival() == Rival.COTURN) {
                started.servers.add(started.coturn("coturn", "127.0.0.12", List.of()));
                started.servers.add(started.coturn("coturn -m 1", "127.0.0.13", List.of("-m", "1")));
            }
            if (options.floor()) {
                started.servers.add(started.floor(home));
            }
            return started;
        } catch (IOException | InterruptedException | RuntimeException e) {
            started.close();
            throw e;
        }
    }

    /** One for all servers, signed by itself. */
    private void makeCertificate() throws IOException, InterruptedException {
        List<String> command = List.of("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:prime256v1", "-nodes", "-days", "7", "-subj", "/CN=localhost", "-keyout",
                key().toString(), "-out", certificate().toString());
        Path log = work.resolve("openssl.log");
        if (new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start().waitFor() != 0) {
            throw new IOException("openssl makes no certificate; its output is in " + log);
        }
    }

    private Path certificate() {
        return work.resolve("certificate.pem");
    }

    private Path key() {
        return work.resolve("key.pem");
    }

    private Server turnpike(Path home, Path java, String name, String tenant, String relayHost)
            throws IOException, InterruptedException {
        Path files = work.resolve(name.replace(' ', '-'));
        int port = Loopback.freePort();
        int tlsPort = Loopback.freePort();
        Config settings = ConfigFactory.parseString("""
                node.id = "bench-%7$s"
                default-tenant = "%7$s"
                tenants = [{ id = "%7$s" }]
                auth.users = [{ tenant = "%7$s", user = demo, password = demo }]
                relay { port-min = %1$d, port-max = %2$d, port-rest = 0s, ipv4 = "%8$s", ipv6 = "::1" }
                listeners = [
                  { transport = udp, host = "127.0.0.1", port = %3$d }
                  { transport = tcp, host = "127.0.0.1", port = %3$d }
                  { transport = tls, host = "127.0.0.1", port = %4$d }
                ]
                tls { certificate = "%5$s", private-key = "%6$s" }
                answers { challenges-per-prefix = 10000000, challenges-total = 10000000 }
                """.formatted(FIRST_PORT, LAST_PORT, port, tlsPort, certificate(), key(), tenant, relayHost))
                .withFallback(cluster.relaySettings(2, files, port, Loopback.freePort()));
        Path file = Path.of(files + ".conf");
        Files.writeString(file, settings.root().render(ConfigRenderOptions.concise()));
        return Server.start(name, relayOn(home, java, "--config", file.toString()), port, tlsPort, true,
                Path.of(files + ".log"));
    }

    /**
     * Has the launcher build what is stale, with this program's JDK: while the relay is waited for it would be late, and an
     * older JDK would leave out what only newer ones run.
     */
    private void bringUpToDate(Path home) throws IOException, InterruptedException {
        Path log = work.resolve("build.log");
        Process relay = new ProcessBuilder(relayOn(home, Path.of(System.getProperty("java.home"))))
                .redirectErrorStream(true).redirectOutput(log.toFile()).start();
        if (relay.waitFor() != RELAY_USAGE) {
            throw new IOException("the relay cannot be built; see " + log);
        }
    }

    private static List<String> relayOn(Path home, Path java, String... arguments) {
        List<String> command = new ArrayList<>(
                List.of("env", "JAVA_HOME=" + java, home.resolve("turnpike").toString(), "relay"));
        command.addAll(List.of(arguments));
        return command;
    }

    private Server coturn(String name, String relayHost, List<String> threads)
            throws IOException, InterruptedException {
        int port = Loopback.freePort();
        int tlsPort = Loopback.freePort();
        Path files = work.resolve(name.replace(' ', '-'));
        List<String> command = new ArrayList<>(List.of("turnserver", "-n", "--lt-cred-mech", "-u", "demo:demo", "-r",
                "turnpike", "--listening-ip", LISTEN_HOST, "--relay-ip", relayHost, "--relay-ip", "::1", "-p",
                Integer.toString(port), "--tls-listening-port", Integer.toString(tlsPort), "--min-port",
                Integer.toString(FIRST_PORT), "--max-port", Integer.toString(LAST_PORT), "--allow-loopback-peers",
                "--no-cli", "--no-dtls", "--cert", certificate().toString(), "--pkey", key().toString(),
                "--simple-log", "--log-file", files + ".turnlog", "--pidfile", files + ".pid"));
        command.addAll(threads);
        return Server.start(name, command, port, tlsPort, false, Path.of(files + ".log"));
    }

    private Server floor(Path home) throws IOException, InterruptedException {
        Path program = CPrograms.build(home, "floor", "turnfloor");
        int port = Loopback.freePort();
        return Server.start(FLOOR, List.of(program.toString(), Integer.toString(port), "127.0.0.14"), port, port, false,
                work.resolve("floor.log"));
    }

    List<Server> all() {
        return Collections.unmodifiableList(servers);
    }

    Server turnpike() {
        return servers.get(0);
    }

    @Override
    public void close() {
        servers.forEach(Server::close);
        cluster.close();
    }
}
