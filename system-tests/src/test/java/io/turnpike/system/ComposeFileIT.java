package io.turnpike.system;

import io.turnpike.contract.SecretSeal;
import io.turnpike.quickstart.Loopback;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComposeFileIT {
    @Test
    void theComposeFileComesUpAndApiShowsWhatTheEndsOfTheCallsCounted() throws Exception {
        ContainerEngine.imagesOrSkip("ComposeFileIT");
        try (Compose compose = new Compose(Loopback.freePort())) {
            compose.up();
            Readiness.awaitAll(compose, Duration.ofSeconds(120));
            UsageGuarantee.holds(compose);
        }
    }

    /** The cluster of docker-compose.yml, as a project of its own so that no other one is touched. */
    private static final class Compose implements TurnpikeCluster {
        private static final List<String> PROGRAM = List.of("docker-compose", "-p", "turnpike-it");
        private static final String NET = "172.30.78.";

        private final int apiPort;
        private final Map<String, String> environment;

        Compose(int apiPort) {
            this.apiPort = apiPort;
            environment = Map.of("TURNPIKE_CLUSTER_KEY", SecretSeal.newKey(), "TURNPIKE_API_PORT",
                    Integer.toString(apiPort));
        }

        void up() throws IOException, InterruptedException {
            run("up", "-d");
        }

        @Override
        public int relays() {
            return 2;
        }

        @Override
        public InetSocketAddress relay(int index) {
            return new InetSocketAddress(NET + (10 + index), 3478);
        }

        @Override
        public URI relayAdmin(int index) {
            return URI.create("http://" + NET + (10 + index) + ":9101/");
        }

        /** The published port, as a person at this machine uses it. */
        @Override
        public URI api() {
            return URI.create("http://127.0.0.1:" + apiPort + "/");
        }

        @Override
        public InetAddress peerAddress() {
            return new InetSocketAddress(NET + "1", 0).getAddress();
        }

        @Override
        public void close() {
            try {
                run("logs", "--no-color");
                run("down", "--volumes", "--timeout", "10");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void run(String... arguments) throws IOException, InterruptedException {
            List<String> command = new ArrayList<>(PROGRAM);
            command.addAll(List.of(arguments));
            ContainerEngine.run(command, environment);
        }
    }
}
