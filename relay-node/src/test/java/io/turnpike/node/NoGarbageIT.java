package io.turnpike.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import com.typesafe.config.ConfigFactory;
import io.turnpike.contract.SecretSeal;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.node.kafka.TestLedger;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A relay makes no object for a packet: what its event loops allocate while they relay, with a hard quota, metering and
 * events, is less than a byte for each. Only Linux's own calls promise it; Netty's channels make objects themselves.
 */
class NoGarbageIT {
    private static final String WITHOUT_LINUX = "the engine linux does not work here";
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(60);
    private static final int PACKETS = 200_000;
    private static final int WARM_UP = 100_000;
    /** The compiler has seen everything after some of these, the later the busier the machine is. */
    private static final int MOST_ROUNDS = 10;
    private static final int TOGETHER = 16;

    @TempDir
    private Path dir;
    @RegisterExtension
    final OpenParts open = new OpenParts();
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void allocatesNothingForAPacket() throws Exception {
        if (!Engines.haveLinux()) {
            System.out.println("SKIPPED NoGarbageIT: " + WITHOUT_LINUX);
        }
        assumeTrue(Engines.haveLinux(), WITHOUT_LINUX);
        TestLedger ledger = open.add(TestLedger.start(dir.resolve("broker")));
        RelayNode node = start(ledger);
        ledger.grant(node.identity(), "demo", 1, 1L << 50);
        BurstCall call = call(node);
        long[] loops = loops();
        assertThat(loops).hasSize(1);
        relay(node, call, WARM_UP);

        List<Double> bytesPerPacket = new ArrayList<>();
        double newest = Double.MAX_VALUE;
        while (bytesPerPacket.size() < MOST_ROUNDS && newest >= 1) {
            long before = allocated(loops);
            relay(node, call, PACKETS);
            newest = (double) (allocated(loops) - before) / PACKETS;
            bytesPerPacket.add(newest);
        }

        System.out.println("bytes allocated per packet, by rounds of " + PACKETS + ": " + bytesPerPacket);
        assertThat(newest).as("bytes per packet, by rounds: %s", bytesPerPacket).isLessThan(1);
    }

    /** A quarter each: ChannelData and Send indications to peers, and from a peer with a channel and one without. */
    private static void relay(RelayNode node, BurstCall call, int packets) throws Exception {
        List<byte[]> fromClient = new ArrayList<>();
        List<byte[]> fromPeer = new ArrayList<>();
        for (int i = 0; i < TOGETHER; i++) {
            // Some alone, some as bursts.
            byte[] payload = UdpEnd.payload(i, i < TOGETHER / 2 ? 200 : 100 + i);
            fromClient.add(BurstCall.channelData(payload));
            fromPeer.add(payload);
        }
        for (int i = 0; i < TOGETHER; i++) {
            fromClient.add(call.indication(fromPeer.get(i)));
        }
        long before = relayed(node);
        for (int sent = 0; sent < packets; sent += 4 * TOGETHER) {
            call.send(fromClient);
            call.channelPeer().send(fromPeer, call.relayed());
            call.otherPeer().send(fromPeer, call.relayed());
            BurstCall.take(call.channelPeer(), TOGETHER);
            BurstCall.take(call.otherPeer(), TOGETHER);
            BurstCall.take(call.client(), 2 * TOGETHER);
        }
        await().atMost(LONG_ENOUGH)
                .untilAsserted(() -> assertThat(relayed(node) - before).isGreaterThanOrEqualTo(packets));
    }

    private static long relayed(RelayNode node) throws Exception {
        return Metrics.metricOrZero(node, "turn_relay_packets_total{direction=\"tx\",leg=\"peer\"}")
                + Metrics.metricOrZero(node, "turn_relay_packets_total{direction=\"tx\",leg=\"client\"}");
    }

    private long[] loops() {
        return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(info -> info != null && info.getThreadName().startsWith("relay-quiet-"))
                .mapToLong(ThreadInfo::getThreadId).toArray();
    }

    private long allocated(long[] loops) {
        return Arrays.stream(threads.getThreadAllocatedBytes(loops)).sum();
    }

    /** The first attempts may come before the grant. */
    private BurstCall call(RelayNode node) {
        AtomicReference<BurstCall> call = new AtomicReference<>();
        await().atMost(LONG_ENOUGH).ignoreExceptionsInstanceOf(ExecutionException.class).until(() -> {
            call.set(BurstCall.open(node.listeners().get(0).address(), InetAddress.getByName("127.0.0.1"), true));
            return true;
        });
        return open.add(call.get());
    }

    private RelayNode start(TestLedger ledger) throws Exception {
        return open.add(RelayNode.start(RelayConfig.load(ConfigFactory.parseString("""
                node { id = quiet, data-dir = "%s" }
                transport = linux
                event-loops = 1
                default-tenant = demo
                cluster-key = "%s"
                kafka { bootstrap-servers = "%s", max-partitions = 1 }
                quota.default { mode = HARD, volume-bytes = 10000000000000 }
                auth.users = [{ tenant = demo, user = al, password = secret }]
                peers.allow = ["127.0.0.0/8"]
                admin { host = "127.0.0.1", port = 0 }
                listeners = [{ transport = udp, host = "127.0.0.1", port = 0 }]
                """.formatted(dir.resolve("node"), SecretSeal.newKey(),
                ledger.bootstrapServers())))));
    }
}
