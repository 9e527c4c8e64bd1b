package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.turnpike.node.RelayNode;
import io.turnpike.node.config.RelayConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Access tokens (RFC 7635) that coturn's test client seals with keys of its own, a fresh token under one of three kids for
 * each Allocate and each Refresh; what comes between them it signs with the token's key alone.
 */
class AccessTokenIT {
    private static final long BOUND_SECONDS = 120;

    @TempDir
    private Path folder;

    @BeforeEach
    void needTheClient() {
        Uclient.require("AccessTokenIT");
    }

    @Test
    void relaysForTheHoldersOfForeignTokens() throws Exception {
        try (RelayNode node = RelayNode.start(RelayConfig.load(ConfigFactory.parseString("""
                node { id = n1, data-dir = "%s" }
                kafka.enabled = false
                quota.default.mode = OFF
                default-tenant = calls
                auth.server-name = "turn.example.org"
                admin { host = "127.0.0.1", port = 0 }
                listeners = [{ transport = udp, host = "127.0.0.1", port = 0 }]
                tenants = [{ id = calls, channel-numbers = RFC5766, access-token-keys = [
                  { id = north, key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=" }
                  { id = union, key = "MTIzNDU2Nzg5MDEyMzQ1Ng==" }
                  { id = oldempire, key = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=" }] }]
                """.formatted(folder))))) {
            int port = node.listeners().get(0).address().getPort();

            String said = uclient("-J", "-y", "-m", "4", "-n", "100", "-p", Integer.toString(port), "127.0.0.1");

            assertThat(said).contains("tot_send_msgs=400, tot_recv_msgs=400").contains("Total lost packets 0");
        }
    }

    private String uclient(String... options) throws Exception {
        Path output = Files.createTempFile(folder, "uclient", ".txt");
        String[] command = new String[options.length + 1];
        command[0] = "turnutils_uclient";
        System.arraycopy(options, 0, command, 1, options.length);
        Process client = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        boolean ended = client.waitFor(BOUND_SECONDS, TimeUnit.SECONDS);
        client.destroyForcibly();
        String said = Files.readString(output);
        assertThat(ended).as("uclient ends; it said %s", said).isTrue();
        return said;
    }
}
