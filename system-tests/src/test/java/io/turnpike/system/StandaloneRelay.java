package io.turnpike.system;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.turnpike.client.ClientTransport;
import io.turnpike.node.RelayNode;
import io.turnpike.node.config.RelayConfig;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;

/** One relay without Kafka in this process, with its defaults, to be ill-treated; and what it weighs. */
final class StandaloneRelay implements AutoCloseable {
    private final RelayNode node;

    /**
     * What the process holds.
     *
     * @param heapBytes live objects, after a collection
     * @param directBytes memory that buffers hold outside of the heap
     */
    record Weight(long heapBytes, long directBytes) {}

    private StandaloneRelay(RelayNode node) {
        this.node = node;
    }

    /** Starts it on free ports of 127.0.0.1, for the user demo with the password demo. */
    static StandaloneRelay start(Path dataDir, String overrides) throws IOException {
        Config defaults = ConfigFactory.parseMap(Map.of("node.data-dir", dataDir.toString())).withFallback(
                ConfigFactory.parseString("""
                        node.id = r1
                        default-tenant = demo
                        kafka.enabled = false
                        quota.default.mode = OFF
                        auth.users = [{ tenant = demo, user = demo, password = demo }]
                        peers.allow = ["127.0.0.1"]
                        admin.port = 0
                        listeners = [
                          { transport = udp, host = "127.0.0.1", port = 0 }
                          { transport = tcp, host = "127.0.0.1", port = 0 }
                        ]
                        """));
        return new StandaloneRelay(
                RelayNode.start(RelayConfig.load(ConfigFactory.parseString(overrides).withFallback(defaults))));
    }

    InetSocketAddress listener(String transport) {
        return node.listeners().stream().filter(each -> each.transport().name().equalsIgnoreCase(transport))
                .findFirst().orElseThrow().address();
    }

    Metrics metrics() {
        InetSocketAddress admin = node.adminAddress();
        return Metrics.of(URI.create("http://127.0.0.1:" + admin.getPort() + "/"));
    }

    long dropped(String reason) {
        return (long) metrics().value("turn_relay_dropped_packets_total{reason=\"" + reason + "\"}");
    }

    int allocations() {
        return node.allocations();
    }

    /** Allocates as an ordinary client, and fails unless the peer gets and returns every packet. */
    void relay(ClientTransport transport, int packets) {
        InetSocketAddress listener = listener(transport == ClientTransport.UDP ? "udp" : "tcp");
        try (MeasuredCall call = MeasuredCall.connect(listener, transport, "demo", "demo")) {
            call.allocate();
            call.send(packets, 200);
            call.release();
        }
    }

    /** Collects garbage until no less is left, then weighs. */
    static Weight weigh() {
        long least = Long.MAX_VALUE;
        for (long heap = collected(); heap < least; heap = collected()) {
            least = heap;
        }
        long buffers = ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory();
        return new Weight(least, buffers + nioDirectBytes());
    }

    private static long collected() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static long nioDirectBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(BufferPoolMXBean::getMemoryUsed).sum();
    }

    @Override
    public void close() {
        node.close();
    }
}
