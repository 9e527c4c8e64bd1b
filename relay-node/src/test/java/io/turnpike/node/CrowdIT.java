package io.turnpike.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import com.typesafe.config.ConfigFactory;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.turnpike.client.EchoPeer;
import io.turnpike.client.TurnClient;
import io.turnpike.node.config.RelayConfig;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many allocations with a channel each on one node, more than one address has ports for. How many, is the system property
 * {@code turnpike.crowd}.
 */
class CrowdIT {
    private static final int CROWD = Integer.getInteger("turnpike.crowd", 2_000);
    private static final int RELAY_HOSTS = 3;
    private static final int SAMPLES = 50;
    private static final int FIRST_CLIENT_PORT = 10_000;
    private static final int CLIENTS_A_HOST = 20_000;
    /** Of the test itself, and of what one allocation needs while it is made. */
    private static final int OTHER_FILES = 1_000;
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(60);

    @TempDir
    private Path dataDir;
    @RegisterExtension
    final OpenParts open = new OpenParts();
    private final UnixOperatingSystemMXBean system = (UnixOperatingSystemMXBean) ManagementFactory
            .getOperatingSystemMXBean();
    private final EventLoopGroup clientLoops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    @Test
    void holdsAndServesThemAndClosesEverySocketInTheEnd() throws Exception {
        long files = system.getMaxFileDescriptorCount();
        if (files < CROWD + OTHER_FILES) {
            System.out.println("SKIPPED a crowd of " + CROWD + ": this process may open " + files
                    + " files (ulimit -Hn)");
        }
        assumeThat(files).as("files that this process may open (ulimit -Hn)")
                .isGreaterThanOrEqualTo(CROWD + OTHER_FILES);
        open.add(() -> clientLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly());
        EchoPeer peer = open.add(EchoPeer.start(new InetSocketAddress("127.0.0.1", 0)));
        RelayNode node = open.add(RelayNode.start(config()));
        long filesBefore = system.getOpenFileDescriptorCount();
        AtomicInteger received = new AtomicInteger();
        List<TurnClient> samples = new ArrayList<>();
        Map<InetAddress, Integer> hosts = new HashMap<>();

        for (int i = 0; i < CROWD; i++) {
            TurnClient client = client(node, i, received);
            hosts.merge(get(client.allocate()).relayed().getAddress(), 1, Integer::sum);
            get(client.channelBind(0x4000, peer.address()));
            if (i % Math.max(1, CROWD / SAMPLES) == 0) {
                samples.add(open.add(client));
            } else {
                client.close();
            }
        }

        assertThat(node.allocations()).isEqualTo(CROWD);
        assertThat(system.getOpenFileDescriptorCount()).isGreaterThanOrEqualTo(filesBefore + CROWD);
        assertThat(hosts).hasSize(RELAY_HOSTS);
        assertThat(hosts.values()).allSatisfy(
                count -> assertThat(count).isBetween(CROWD / RELAY_HOSTS, CROWD / RELAY_HOSTS + 1));
        for (TurnClient sample : samples) {
            get(sample.channelData(0x4000, Unpooled.wrappedBuffer(new byte[100])));
        }
        await().atMost(LONG_ENOUGH).untilAtomic(received, count -> assertThat(count).isEqualTo(samples.size()));

        samples.forEach(TurnClient::close);
        node.close();
        assertThat(node.allocations()).isZero();
        await().atMost(LONG_ENOUGH).untilAsserted(
                () -> assertThat(system.getOpenFileDescriptorCount()).isLessThanOrEqualTo(filesBefore));
    }

    /** Each client has an address of its own, which none after it gets. */
    private TurnClient client(RelayNode node, int number, AtomicInteger received) throws Exception {
        InetSocketAddress local = new InetSocketAddress("127.1.0." + (1 + number / CLIENTS_A_HOST),
                FIRST_CLIENT_PORT + number % CLIENTS_A_HOST);
        return get(TurnClient.to(node.listeners().get(0).address()).localAddress(local).eventLoops(clientLoops)
                .credentials("al", "secret").onData((from, data) -> received.incrementAndGet()).connect());
    }

    private RelayConfig config() throws IOException {
        return RelayConfig.load(ConfigFactory.parseString("""
                node { id = n1, data-dir = "%s" }
                default-tenant = demo
                kafka.enabled = false
                quota.default.mode = OFF
                auth.users = [{ tenant = demo, user = al, password = secret }]
                relay { ipv4 = "127.0.0.1, 127.0.0.2, 127.0.0.3", port-min = 20000, port-max = 64999 }
                admin { host = "127.0.0.1", port = 0 }
                listeners = [{ transport = udp, host = "127.0.0.1", port = 0 }]
                answers { challenges-per-prefix = 10000000, challenges-total = 10000000 }
                peers.allow = ["127.0.0.0/8"]
                """.formatted(dataDir)));
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
    }
}
