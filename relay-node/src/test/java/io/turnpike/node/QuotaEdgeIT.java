package io.turnpike.node;

import static io.turnpike.node.BurstCall.channelData;
import static io.turnpike.node.BurstCall.take;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import io.turnpike.contract.SecretSeal;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.node.kafka.TestLedger;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bursts that cross the edge of a hard quota: as many datagrams pass as the credit covers, and each is debited exactly. */
class QuotaEdgeIT {
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(60);
    private static final int CHANNEL_HEADER_BYTES = 4;

    @TempDir
    private static Path brokerDir;
    private static TestLedger ledger;
    private static int nodes;

    @TempDir
    private Path dataDir;
    @RegisterExtension
    final OpenParts open = new OpenParts();

    @BeforeAll
    static void startBroker() throws Exception {
        ledger = TestLedger.start(brokerDir);
    }

    @AfterAll
    static void stopBroker() {
        ledger.close();
    }

    static Stream<Arguments> enginesAndSenders() {
        return BurstsIT.enginesAndSenders();
    }

    @ParameterizedTest
    @MethodSource("enginesAndSenders")
    void passesAsManyDatagramsOfABurstAsTheCreditCovers(String engine, boolean bursts) throws Exception {
        RelayNode node = start(engine);
        int wireBytes = 100 + CHANNEL_HEADER_BYTES;
        ledger.grant(node.identity(), "demo", 1, 90 * wireBytes + wireBytes - 1);
        BurstCall call = call(node, bursts);
        List<byte[]> payloads = new ArrayList<>();
        for (int i = 0; i < 128; i++) {
            payloads.add(UdpEnd.payload(i, 100));
        }
        List<byte[]> messages = payloads.stream().map(BurstCall::channelData).toList();

        call.send(messages.subList(0, 64));
        assertThat(take(call.channelPeer(), 64)).containsExactlyElementsOf(payloads.subList(0, 64));
        call.send(messages.subList(64, 128));
        assertThat(take(call.channelPeer(), 26)).containsExactlyElementsOf(payloads.subList(64, 90));
        awaitDropped(node, 38);
        call.channelPeer().send(payloads.subList(0, 64), call.relayed());
        awaitDropped(node, 38 + 64);
        awaitSpent(node, 90 * wireBytes);

        ledger.grant(node.identity(), "demo", 2, 100 * wireBytes);
        call.channelPeer().send(List.of(payloads.get(0)), call.relayed());
        await().atMost(LONG_ENOUGH).pollInSameThread().untilAsserted(() -> {
            byte[] answer = call.client().receive();
            if (answer == null) {
                call.channelPeer().send(List.of(payloads.get(0)), call.relayed());
            }
            assertThat(answer).isNotNull();
        });
        for (int i = 0; i < 2; i++) {
            call.channelPeer().send(payloads.subList(0, 64), call.relayed());
        }
        awaitSpent(node, 100 * wireBytes);
        assertThat(Metrics.metricOrZero(node, "turn_relay_packets_total{direction=\"tx\",leg=\"peer\"}")).isEqualTo(90);
        assertThat(Metrics.metricOrZero(node, "turn_relay_packets_total{direction=\"tx\",leg=\"client\"}"))
                .isEqualTo(10);
        assertThat(Metrics.metricOrZero(node, "turn_relay_bytes_total{direction=\"tx\",leg=\"client\"}"))
                .isEqualTo(10L * wireBytes);
    }

    @ParameterizedTest
    @MethodSource("enginesAndSenders")
    void judgesEachDatagramOfAMixedBurstByItsOwnSize(String engine, boolean bursts) throws Exception {
        RelayNode node = start(engine);
        int credit = 20_000;
        ledger.grant(node.identity(), "demo", 1, credit);
        BurstCall call = call(node, bursts);
        Random sizes = new Random(11);
        List<byte[]> messages = new ArrayList<>();
        List<byte[]> passing = new ArrayList<>();
        int spent = 0;
        for (int i = 0; i < 60; i++) {
            byte[] payload = UdpEnd.payload(i, i % 7 == 0 ? 1_000 : sizes.nextInt(700));
            byte[] message = channelData(payload);
            messages.add(message);
            if (spent + message.length <= credit) {
                spent += message.length;
                passing.add(payload);
            }
        }
        assertThat(passing).hasSizeBetween(20, 59);

        call.send(messages);

        assertThat(take(call.channelPeer(), passing.size())).containsExactlyElementsOf(passing);
        awaitDropped(node, 60 - passing.size());
        awaitSpent(node, spent);
        assertThat(Metrics.metricOrZero(node, "turn_relay_bytes_total{direction=\"rx\",leg=\"client\"}"))
                .isEqualTo(spent);
    }

    private static void awaitDropped(RelayNode node, int datagrams) {
        await().atMost(LONG_ENOUGH)
                .untilAsserted(() -> assertThat(
                        Metrics.metricOrZero(node, "turn_relay_dropped_packets_total{reason=\"quota_exhausted\"}"))
                        .isEqualTo(datagrams));
    }

    private static void awaitSpent(RelayNode node, long bytes) {
        await().atMost(LONG_ENOUGH).untilAsserted(() -> assertThat(ledger.spent(node.identity())).isEqualTo(bytes));
    }

    /** The first attempts may come before the grant. */
    private BurstCall call(RelayNode node, boolean bursts) {
        AtomicReference<BurstCall> call = new AtomicReference<>();
        await().atMost(LONG_ENOUGH).ignoreExceptionsInstanceOf(ExecutionException.class).until(() -> {
            call.set(BurstCall.open(node.listeners().get(0).address(), InetAddress.getByName("127.0.0.1"), bursts));
            return true;
        });
        return open.add(call.get());
    }

    private RelayNode start(String engine) throws Exception {
        return open.add(RelayNode.start(RelayConfig.load(ConfigFactory.parseString("""
                node { id = edge%d, data-dir = "%s" }
                transport = %s
                event-loops = 1
                default-tenant = demo
                cluster-key = "%s"
                kafka { bootstrap-servers = "%s", max-partitions = 1 }
                quota { default { mode = HARD, volume-bytes = 100000000 }, report-interval = 200ms }
                auth.users = [{ tenant = demo, user = al, password = secret }]
                peers.allow = ["127.0.0.0/8"]
                admin { host = "127.0.0.1", port = 0 }
                listeners = [{ transport = udp, host = "127.0.0.1", port = 0 }]
                """.formatted(nodes++, dataDir.resolve("node"), engine,
                SecretSeal.newKey(), ledger.bootstrapServers())))));
    }
}
