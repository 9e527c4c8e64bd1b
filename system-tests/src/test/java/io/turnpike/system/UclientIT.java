package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A foreign client, coturn's, sends through both relays over both transports, and its own counters are the API's. */
@ExtendWith(NoLeaks.class)
class UclientIT {
    private static final Pattern PACKETS = Pattern.compile("tot_send_msgs=(\\d+), tot_recv_msgs=(\\d+)");
    private static final Pattern BYTES = Pattern.compile("tot_send_bytes ~ (\\d+), tot_recv_bytes ~ (\\d+)");
    private static final Pattern LOST = Pattern.compile("Total lost packets (\\d+)");
    private static final Duration BOUND = Duration.ofSeconds(50);

    @TempDir
    Path dataDir;

    /** What the client printed at its end. */
    private record Totals(long sentPackets, long receivedPackets, long sentBytes, long receivedBytes) {
        Totals plus(Totals other) {
            return new Totals(sentPackets + other.sentPackets, receivedPackets + other.receivedPackets,
                    sentBytes + other.sentBytes, receivedBytes + other.receivedBytes);
        }
    }

    @Test
    void coturnsClientLosesNothingAndTheApiShowsItsCounters() throws Exception {
        assumeThatUclientIsHere();
        try (TurnpikeCluster cluster = EmbeddedCluster.start(dataDir, 2)) {
            TurnpikeApi api = new TurnpikeApi(cluster.api());
            Totals sum = new Totals(0, 0, 0, 0);
            for (int relay = 1; relay <= 2; relay++) {
                for (List<String> transport : List.of(List.<String>of(), List.of("-t"))) {
                    sum = sum.plus(run(cluster, relay, transport));
                    assertThatTheApiShows(api, sum);
                }
            }
        }
    }

    private static void assumeThatUclientIsHere() {
        boolean here = List.of(System.getenv("PATH").split(File.pathSeparator)).stream()
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "turnutils_uclient")));
        if (!here) {
            System.out.println("SKIPPED UclientIT: turnutils_uclient (Debian: coturn) is not on the PATH");
        }
        assumeTrue(here, "turnutils_uclient (Debian: coturn) is not on the PATH");
    }

    private Totals run(TurnpikeCluster cluster, int relay, List<String> transport) throws Exception {
        List<String> command = new ArrayList<>(List.of("turnutils_uclient", "-u", "demo", "-w", "demo", "-y", "-m", "4",
                "-n", "200", "-p", Integer.toString(cluster.relay(relay).getPort())));
        command.addAll(transport);
        command.add(cluster.relay(relay).getAddress().getHostAddress());
        File output = dataDir.resolve("uclient.txt").toFile();
        Process client = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output).start();
        assertThat(client.waitFor(120, TimeUnit.SECONDS)).as("uclient ends").isTrue();
        String text = Files.readString(output.toPath());
        assertThat(last(LOST, text, 1)).as(text).isEqualTo("0");
        Totals totals = new Totals(Long.parseLong(last(PACKETS, text, 1)), Long.parseLong(last(PACKETS, text, 2)),
                Long.parseLong(last(BYTES, text, 1)), Long.parseLong(last(BYTES, text, 2)));
        assertThat(totals.sentPackets()).as(text).isPositive().isEqualTo(totals.receivedPackets());
        return totals;
    }

    /** A group of the last place where the client printed this: it prints running totals before. */
    private static String last(Pattern pattern, String text, int group) {
        String found = null;
        for (Matcher place = pattern.matcher(text); place.find();) {
            found = place.group(group);
        }
        assertThat(found).as(text).isNotNull();
        return found;
    }

    private static void assertThatTheApiShows(TurnpikeApi api, Totals sum) {
        await("usage of uclient").atMost(BOUND).untilAsserted(() -> {
            UserUsage usage = api.usage("demo", "demo");
            assertThat(new Totals(usage.clientToRelay().packets(), usage.relayToClient().packets(),
                    usage.clientToRelay().payloadBytes(), usage.relayToClient().payloadBytes())).isEqualTo(sum);
        });
    }
}
