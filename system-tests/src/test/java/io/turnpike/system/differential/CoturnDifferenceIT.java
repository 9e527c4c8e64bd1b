package io.turnpike.system.differential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.turnpike.node.RelayNode;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.quickstart.Loopback;
import io.turnpike.testing.ForeignTools;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same requests, byte for byte, to Debian's coturn and to a relay. What differs is in {@code docs/coturn.md} with who
 * is right and why; a difference that is not there fails, and so does a row that no longer holds.
 */
class CoturnDifferenceIT {
    private static final Path TABLE = Path.of(System.getProperty("turnpike.home"), "docs", "coturn.md");
    private static final int FEWEST_OUTCOMES = 100;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"udp", "tcp"})
    void everyDifferenceHasAReason(String transport) throws IOException {
        ForeignTools.require("CoturnDifferenceIT", "coturn", Coturn.PROGRAM);
        Map<String, Outcome> theirs;
        Map<String, Outcome> ours;
        try (Coturn coturn = Coturn.start(Files.createDirectory(folder.resolve("coturn")), Loopback.freePort())) {
            theirs = run(coturn.address(), transport);
        }
        int port = Loopback.freePort();
        try (RelayNode relay = RelayNode.start(RelayConfig.load(relay(port)))) {
            ours = run(new InetSocketAddress(Conversation.LOOPBACK, port), transport);
            await("every allocation is gone").until(() -> relay.allocations() == 0);
        }
        assertThat(ours.keySet()).isEqualTo(theirs.keySet()).hasSizeGreaterThan(FEWEST_OUTCOMES);

        List<Difference> differences = new ArrayList<>();
        ours.forEach((name, outcome) -> differences.addAll(Difference.between(name, theirs.get(name), outcome)));
        DifferenceTable table = DifferenceTable.read(TABLE);
        assertThat(table.unfinished()).as("rows of %s without a reason", TABLE.getFileName()).isEmpty();
        List<String> unexplained = table.unexplained(transport, differences);
        Files.write(Path.of("target", "coturn-unexplained-" + transport + ".md"), unexplained);
        assertThat(unexplained).as("differences that %s does not explain", TABLE.getFileName()).isEmpty();
        assertThat(table.stale(transport, differences)).as("rows of %s that do not hold", TABLE.getFileName())
                .isEmpty();
    }

    private static Map<String, Outcome> run(InetSocketAddress server, String transport) throws IOException {
        boolean overStream = transport.equals("tcp");
        Map<String, Outcome> outcomes = new LinkedHashMap<>();
        for (Script.Case each : Script.cases()) {
            if (overStream && each.onlyDatagrams()) {
                continue;
            }
            try (Conversation conversation = new Conversation(server, overStream)) {
                each.steps().run(conversation);
                conversation.outcomes().forEach((name, outcome) -> outcomes
                        .put(each.name() + (name.isEmpty() ? "" : ": " + name), outcome));
            } catch (IOException | RuntimeException | AssertionError e) {
                throw new AssertionError(each.name() + " over " + transport + " at " + server, e);
            }
        }
        return outcomes;
    }

    private Config relay(int port) {
        return ConfigFactory.parseString("""
                node { id = differential, data-dir = "%s" }
                realm = %s
                default-tenant = demo
                kafka.enabled = false
                quota.default.mode = OFF
                auth.users = [
                  { tenant = demo, user = demo, password = demo-password }
                  { tenant = demo, user = other, password = other-password }
                ]
                relay { ipv4 = "127.0.0.1", ipv6 = "::1" }
                peers.allow = ["127.0.0.0/8", "::1/128"]
                admin { host = "127.0.0.1", port = 0 }
                listeners = [
                  { transport = udp, host = "127.0.0.1", port = %d }
                  { transport = tcp, host = "127.0.0.1", port = %d }
                ]
                """.formatted(folder.resolve("relay"), Conversation.REALM, port, port));
    }
}
