package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.turnpike.testing.ForeignTools;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Python's ICE agent: two of them may use relayed candidates only, connect, and send both ways. */
@TestInstance(Lifecycle.PER_CLASS)
class AioiceIT {
    /** Debian's Python, for which the package is; another one on the path does not have it. */
    private static final Path PYTHON = Path.of("/usr/bin/python3");
    private static final Path PACKAGE = Path.of("/usr/lib/python3/dist-packages/aioice");
    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final String TENANT = "python";
    private static final String SECRET = "python-secret";

    private EmbeddedCluster cluster;
    private Path script;

    @BeforeAll
    void start(@TempDir Path dataDir) throws IOException {
        ForeignTools.require("AioiceIT", "python3-aioice", Files.isExecutable(PYTHON) && Files.exists(PACKAGE));
        cluster = EmbeddedCluster.start(Files.createDirectory(dataDir.resolve("cluster")), 1);
        Tenants.create(cluster, TENANT, SECRET);
        script = dataDir.resolve("aioice_pair.py");
        Files.write(script, getClass().getResourceAsStream("/interop/aioice_pair.py").readAllBytes());
    }

    @AfterAll
    void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"udp", "tcp", "tls"})
    void twoAgentsConnectThroughTheRelayAndSendBothWays(String transport) throws Exception {
        TurnpikeApi api = new TurnpikeApi(cluster.api());
        RelayedTraffic before = RelayedTraffic.of(cluster.relayAdmin(1));
        JsonNode credential = api.credential(TENANT, transport);
        JsonNode seen = run(credential, transport);

        assertThat(seen.get("nominated").toString()).isEqualTo("[\"relay\",\"relay\"]");
        long packets = seen.at("/there/packets").asLong() + seen.at("/back/packets").asLong();
        long bytes = seen.at("/there/bytes").asLong() + seen.at("/back/bytes").asLong();
        assertThat(packets).isPositive();
        await("both allocations are gone").atMost(BOUND)
                .until(() -> Metrics.of(cluster.relayAdmin(1)).sum("turn_relay_allocations") == 0);
        RelayedTraffic counted = RelayedTraffic.of(cluster.relayAdmin(1)).minus(before);
        await("usage of " + transport).atMost(BOUND).untilAsserted(
                () -> assertThat(RelayedTraffic.of(api.usage(TENANT, transport))).isEqualTo(counted));
        // The script counts what it sent itself; connectivity checks of the two agents come on top.
        UserUsage usage = api.usage(TENANT, transport);
        assertThat(usage.clientToRelay().payloadBytes()).isGreaterThan(bytes);
        assertThat(usage.relayToClient().packets()).isGreaterThan(packets);
    }

    private JsonNode run(JsonNode credential, String transport) throws Exception {
        boolean overTls = transport.equals("tls");
        InetSocketAddress relay = overTls ? cluster.secureRelay(1) : cluster.relay(1);
        List<String> command = new ArrayList<>(List.of(PYTHON.toString(), script.toString(),
                relay.getAddress().getHostAddress(), Integer.toString(relay.getPort()),
                credential.get("username").asText(), credential.get("credential").asText(),
                overTls ? "tcp" : transport));
        if (overTls) {
            command.add(cluster.authority().toString());
        }
        Path output = script.resolveSibling(transport + ".out");
        Process python = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        try {
            assertThat(python.waitFor(BOUND.toSeconds() * 2, TimeUnit.SECONDS)).as("the script ends").isTrue();
        } finally {
            python.destroyForcibly();
        }
        String text = Files.readString(output);
        assertThat(python.exitValue()).as(text).isZero();
        return new ObjectMapper().readTree(text);
    }
}
