package io.turnpike.telemetry;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** The program in a process of its own, so that a test can really kill it. */
public final class TelemetryProcess implements AutoCloseable {
    private static final int LOWEST_PORT = 20_000;
    private static final int HIGHEST_PORT = 30_000;

    private final Process process;
    private final int httpPort;
    private final Path log;

    private TelemetryProcess(Process process, int httpPort, Path log) {
        this.process = process;
        this.httpPort = httpPort;
        this.log = log;
    }

    /** Starts it with settings on a free port; its log is in the folder. */
    public static TelemetryProcess start(Path folder, Map<String, Object> settings) throws IOException {
        int port = freePort();
        Path file = Files.createTempFile(Files.createDirectories(folder), "telemetry", ".conf");
        Files.writeString(file, ConfigFactory.parseMap(Map.of("http.port", port))
                .withFallback(ConfigFactory.parseMap(settings)).root().render(ConfigRenderOptions.concise()));
        Path log = folder.resolve("telemetry-" + port + ".log");
        Process process = new ProcessBuilder(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m", "-cp",
                System.getProperty("java.class.path"), Main.class.getName(), "--config", file.toString()))
                .redirectErrorStream(true).redirectOutput(log.toFile()).start();
        return new TelemetryProcess(process, port, log);
    }

    /** One that no client gets for its own end of a connection before the program listens on it. */
    private static int freePort() throws IOException {
        for (int attempt = 0; attempt < 100; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST_PORT, HIGHEST_PORT);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
                return socket.getLocalPort();
            } catch (BindException e) {
                continue;
            }
        }
        throw new IOException("no free port from " + LOWEST_PORT + " to " + HIGHEST_PORT);
    }

    /** Where its API listens, on 127.0.0.1. */
    public int httpPort() {
        return httpPort;
    }

    /** What it logged. */
    String log() throws IOException {
        return Files.readString(log, StandardCharsets.UTF_8);
    }

    /** SIGKILL. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM; true if it ended by itself in time. */
    public boolean stop(long seconds) throws InterruptedException {
        process.destroy();
        return process.waitFor(seconds, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
