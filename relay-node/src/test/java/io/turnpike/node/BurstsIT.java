package io.turnpike.node;

import static io.turnpike.node.BurstCall.channelData;
import static io.turnpike.node.BurstCall.take;
import static io.turnpike.node.Metrics.metricOrZero;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.node.transport.ListenerAddress;
import io.turnpike.stun.DontFragment;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Datagrams that arrive back to back, one by one or as bursts of the kernel, through a whole relay and back. */
class BurstsIT {
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(30);
    private static final int FIRST_DONT_FRAGMENT_OF_THE_JDK = 19;

    @TempDir
    private Path dataDir;
    @RegisterExtension
    final OpenParts open = new OpenParts();
    private int number;
    private final Counted fromClient = new Counted();
    private final Counted toClient = new Counted();

    /** What must have been metered. */
    private static final class Counted {
        private long wireBytes;
        private long payloadBytes;
        private long packets;

        void add(int wire, int payload) {
            wireBytes += wire;
            payloadBytes += payload;
            packets++;
        }
    }

    static Stream<Arguments> paths() {
        return Engines.all().flatMap(engine -> senders()
                .flatMap(bursts -> Stream.of("127.0.0.1", "::1").flatMap(server -> Stream.of("127.0.0.1", "::1")
                        .map(peer -> Arguments.of(engine, bursts, server, peer)))));
    }

    static Stream<Arguments> enginesAndSenders() {
        return Engines.all().flatMap(engine -> senders().map(bursts -> Arguments.of(engine, bursts)));
    }

    /** Whether the ends hand bursts to the kernel, where they can. */
    private static Stream<Boolean> senders() {
        return Engines.haveLinux() ? Stream.of(false, true) : Stream.of(false);
    }

    /** Sizes of payloads that are sent together: few enough for a socket's buffer. */
    private static List<List<Integer>> together() {
        List<Integer> shortLast = new ArrayList<>(Collections.nCopies(63, 1_000));
        shortLast.add(37);
        List<Integer> longAfterShort = new ArrayList<>(Collections.nCopies(20, 1_200));
        longAfterShort.addAll(List.of(1_199, 1_201, 3, 1_200, 1_200));
        Random random = new Random(7);
        List<Integer> mixed = random.ints(60, 0, 900).boxed().toList();
        List<Integer> runs = IntStream.range(0, 12).boxed()
                .flatMap(i -> Collections.nCopies(1 + random.nextInt(9), 40 * random.nextInt(6)).stream()).toList();
        return List.of(List.of(1), List.of(160, 160), Collections.nCopies(64, 1_000), shortLast, longAfterShort,
                Collections.nCopies(100, 20), List.of(0, 0, 5, 5, 0, 5, 0), mixed, runs, List.of(30_000, 30_000),
                List.of(9_000, 9_000, 9_000, 100), List.of(60_001));
    }

    private List<byte[]> payloads(List<Integer> sizes) {
        return sizes.stream().map(size -> UdpEnd.payload(number++, size)).toList();
    }

    @ParameterizedTest
    @MethodSource("paths")
    void relaysBurstsWholeAndInOrderAndCountsEachDatagram(String engine, boolean bursts, String server, String peers)
            throws Exception {
        RelayNode node = start(engine);
        BurstCall call = open.add(
                BurstCall.open(listener(node, server), InetAddress.getByName(peers), bursts));
        for (List<Integer> sizes : together()) {
            sendOnChannel(call, payloads(sizes));
            sendInIndications(call, payloads(sizes));
            sendBoth(call, payloads(sizes), payloads(sizes));
            answer(call, call.channelPeer(), payloads(sizes), true);
            answer(call, call.otherPeer(), payloads(sizes), false);
        }

        assertMetered(node);
    }

    private void sendOnChannel(BurstCall call, List<byte[]> payloads) {
        List<byte[]> messages = payloads.stream().map(BurstCall::channelData).toList();
        call.send(messages);
        assertThat(take(call.channelPeer(), payloads.size())).containsExactlyElementsOf(payloads);
        count(fromClient, messages, payloads);
    }

    private void sendInIndications(BurstCall call, List<byte[]> payloads) {
        List<byte[]> messages = payloads.stream().map(call::indication).toList();
        call.send(messages);
        assertThat(take(call.otherPeer(), payloads.size())).containsExactlyElementsOf(payloads);
        count(fromClient, messages, payloads);
    }

    /** By turns, so that neighbours go to different peers. */
    private void sendBoth(BurstCall call, List<byte[]> onChannel, List<byte[]> inIndications) {
        if (onChannel.get(0).length > 10_000) {
            return;
        }
        int half = (onChannel.size() + 1) / 2;
        List<byte[]> messages = new ArrayList<>();
        List<byte[]> payloads = new ArrayList<>();
        for (int i = 0; i < half; i++) {
            messages.add(channelData(onChannel.get(i)));
            messages.add(call.indication(inIndications.get(i)));
            payloads.add(onChannel.get(i));
            payloads.add(inIndications.get(i));
        }
        call.send(messages);
        assertThat(take(call.channelPeer(), half)).containsExactlyElementsOf(onChannel.subList(0, half));
        assertThat(take(call.otherPeer(), half)).containsExactlyElementsOf(inIndications.subList(0, half));
        count(fromClient, messages, payloads);
    }

    private void answer(BurstCall call, UdpEnd from, List<byte[]> payloads, boolean onChannel) {
        from.send(payloads, call.relayed());
        List<byte[]> messages = take(call.client(), payloads.size());
        assertThat(messages.stream().map(message -> call.payload(message, onChannel)).toList())
                .containsExactlyElementsOf(payloads);
        count(toClient, messages, payloads);
    }

    private static void count(Counted where, List<byte[]> messages, List<byte[]> payloads) {
        for (int i = 0; i < messages.size(); i++) {
            where.add(messages.get(i).length, payloads.get(i).length);
        }
    }

    private void assertMetered(RelayNode node) {
        await().atMost(LONG_ENOUGH).untilAsserted(() -> {
            assertLeg(node, "direction=\"rx\",leg=\"client\"", fromClient.packets, fromClient.wireBytes);
            assertLeg(node, "direction=\"tx\",leg=\"peer\"", fromClient.packets, fromClient.payloadBytes);
            assertLeg(node, "direction=\"rx\",leg=\"peer\"", toClient.packets, toClient.payloadBytes);
            assertLeg(node, "direction=\"tx\",leg=\"client\"", toClient.packets, toClient.wireBytes);
        });
    }

    private static void assertLeg(RelayNode node, String labels, long packets, long bytes) throws Exception {
        assertThat(metricOrZero(node, "turn_relay_packets_total{" + labels + "}")).as(labels).isEqualTo(packets);
        assertThat(metricOrZero(node, "turn_relay_bytes_total{" + labels + "}")).as(labels).isEqualTo(bytes);
    }

    @ParameterizedTest
    @MethodSource("enginesAndSenders")
    void relaysADatagramThatMustNotBeFragmentedBetweenOthersOfItsBurst(String engine, boolean bursts)
            throws Exception {
        RelayNode node = start(engine);
        BurstCall call = open.add(
                BurstCall.open(listener(node, "127.0.0.1"), InetAddress.getByName("127.0.0.1"), bursts));
        boolean canSetTheBit = !engine.equals("nio")
                || Runtime.version().feature() >= FIRST_DONT_FRAGMENT_OF_THE_JDK;
        List<byte[]> expected = new ArrayList<>();
        List<byte[]> messages = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            byte[] payload = UdpEnd.payload(number++, 500);
            boolean dontFragment = i % 10 == 3 || i % 10 == 4;
            byte[] message = dontFragment
                    ? call.indication(payload, new DontFragment())
                    : call.indication(payload);
            messages.add(message);
            if (canSetTheBit || !dontFragment) {
                expected.add(payload);
                fromClient.add(message.length, payload.length);
            }
        }
        call.send(messages);

        assertThat(take(call.otherPeer(), expected.size())).containsExactlyElementsOf(expected);
        assertMetered(node);
        assertThat(metricOrZero(node, "turn_relay_dropped_packets_total{reason=\"unknown_attribute\"}"))
                .isEqualTo(60 - expected.size());
    }

    private RelayNode start(String engine) throws Exception {
        return open.add(RelayNode.start(RelayConfig.load(ConfigFactory.parseString("""
                event-loops = 1
                relay { ipv4 = "127.0.0.1", ipv6 = "::1" }
                peers.allow = ["127.0.0.0/8", "::1/128"]
                listeners = [
                  { transport = udp, host = "127.0.0.1", port = 0 }
                  { transport = udp, host = "::1", port = 0 }
                ]
                """).withFallback(NodeKeys.standalone(dataDir.resolve("node"), engine)))));
    }

    private static InetSocketAddress listener(RelayNode node, String host) throws Exception {
        boolean ipv6 = InetAddress.getByName(host) instanceof Inet6Address;
        return node.listeners().stream().map(ListenerAddress::address)
                .filter(address -> address.getAddress() instanceof Inet6Address == ipv6).findFirst().orElseThrow();
    }
}
