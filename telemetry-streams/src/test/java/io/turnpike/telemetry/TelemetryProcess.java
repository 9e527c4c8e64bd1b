package io.turnpike.telemetry;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The program in a process of its own, so that a test can really kill it. */
public final class TelemetryProcess implements AutoCloseable {
    private final Process process;
    private final int httpPort;

    private TelemetryProcess(Process process, int httpPort) {
        this.process = process;
        this.httpPort = httpPort;
    }

    /** Starts it with settings on a free port; its log is in the folder. */
    public static TelemetryProcess start(Path folder, Map<String, Object> settings) throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = socket.getLocalPort();
        }
        Path file = Files.createTempFile(Files.createDirectories(folder), "telemetry", ".conf");
        Files.writeString(file, ConfigFactory.parseMap(Map.of("http.port", port))
                .withFallback(ConfigFactory.parseMap(settings)).root().render(ConfigRenderOptions.concise()));
        Process process = new ProcessBuilder(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m", "-cp",
                System.getProperty("java.class.path"), Main.class.getName(), "--config", file.toString()))
                .redirectErrorStream(true).redirectOutput(folder.resolve("telemetry-" + port + ".log").toFile())
                .start();
        return new TelemetryProcess(process, port);
    }

    /** Where its API listens, on 127.0.0.1. */
    public int httpPort() {
        return httpPort;
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
