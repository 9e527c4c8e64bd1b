package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.testing.ForeignTools;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** coturn's test client, as README tells a newcomer to use it. */
final class Uclient {
    private static final Pattern PACKETS = Pattern.compile("tot_send_msgs=(\\d+), tot_recv_msgs=(\\d+)");
    private static final Pattern BYTES = Pattern.compile("tot_send_bytes ~ (\\d+), tot_recv_bytes ~ (\\d+)");
    private static final Pattern LOST = Pattern.compile("Total lost packets (\\d+)");
    private static final int CHANNEL_DATA_HEADER = 4;
    private static final long BOUND_SECONDS = 120;

    private Uclient() {}

    /** What the client printed at its end. */
    record Totals(long sentPackets, long receivedPackets, long sentBytes, long receivedBytes) {
        Totals plus(Totals other) {
            return new Totals(sentPackets + other.sentPackets, receivedPackets + other.receivedPackets,
                    sentBytes + other.sentBytes, receivedBytes + other.receivedBytes);
        }

        /** Both directions as they were on the wire: in ChannelData, whose payload of 100 bytes needs no padding. */
        long billableBytes() {
            return sentBytes + receivedBytes + CHANNEL_DATA_HEADER * (sentPackets + receivedPackets);
        }
    }

    /** Needs the client for a test. */
    static void require(String test) {
        ForeignTools.require(test, "coturn", Path.of("/usr/bin/turnutils_uclient"));
    }

    /** Makes four calls as the user demo, and fails if they lose a packet. */
    static Totals run(InetSocketAddress relay, List<String> options) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of("-m", "4", "-n", "200"));
        all.addAll(options);
        return run(relay, "demo", "demo", all);
    }

    /**
     * Makes the calls that the options ask for, between clients of its own, and fails if they lose a packet. Over TLS what was
     * sent counts as received: this client takes the first message of a record and forgets the others (coturn 4.6), and a
     * relay that had to wait for its core puts what has gathered into one.
     */
    static Totals run(InetSocketAddress relay, String user, String password, List<String> options)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of("turnutils_uclient", "-u", user, "-w", password, "-y", "-p",
                        Integer.toString(relay.getPort())));
        command.addAll(options);
        command.add(relay.getAddress().getHostAddress());
        Path output = Files.createTempFile("uclient", ".txt");
        try {
            Process client = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile())
                    .start();
            try {
                assertThat(client.waitFor(BOUND_SECONDS, TimeUnit.SECONDS)).as("uclient ends: %s", command).isTrue();
            } finally {
                client.destroyForcibly();
            }
            return totals(Files.readString(output), options.containsAll(List.of("-t", "-S")));
        } finally {
            Files.delete(output);
        }
    }

    private static Totals totals(String text, boolean forgetful) {
        if (forgetful) {
            long packets = Long.parseLong(last(PACKETS, text, 1));
            long bytes = Long.parseLong(last(BYTES, text, 1));
            assertThat(packets).as(text).isPositive();
            assertThat(Long.parseLong(last(PACKETS, text, 2))).as(text).isBetween(1L, packets);
            return new Totals(packets, packets, bytes, bytes);
        }
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
}
