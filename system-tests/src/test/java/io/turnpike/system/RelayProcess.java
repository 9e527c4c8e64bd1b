package io.turnpike.system;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigRenderOptions;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A relay of a cluster as a process of its own, to be killed as the kernel kills. Confined to the test's thread. */
final class RelayProcess implements AutoCloseable {
    private static final int BOUND_SECONDS = 60;

    private final Process process;

    private RelayProcess(Process process) {
        this.process = process;
    }

    /** Starts it in place of the cluster's own relay, which must be stopped; it serves when this returns. */
    static RelayProcess start(EmbeddedCluster cluster, int index) throws IOException {
        return start(cluster.relayConfig(index));
    }

    /** Starts a relay with these settings; it serves when this returns. */
    static RelayProcess start(Config config) throws IOException {
        Path file = Files.createTempFile("relay", ".conf");
        Files.writeString(file, config.root().render(ConfigRenderOptions.concise()));
        Process process = new ProcessBuilder(System.getProperty("java.home") + File.separator + "bin/java", "-Xmx256m",
                "-cp", System.getProperty("java.class.path"), "io.turnpike.node.Main", "--config", file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        RelayProcess relay = new RelayProcess(process);
        BufferedReader out = new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = out.readLine(); !"READY".equals(line); line = out.readLine()) {
            if (line == null) {
                relay.close();
                throw new IOException("the relay did not start");
            }
        }
        Thread reader = new Thread(() -> out.lines().forEach(line -> {}), "relay-output");
        reader.setDaemon(true);
        reader.start();
        Files.delete(file);
        return relay;
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(BOUND_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the relay cannot be killed");
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
