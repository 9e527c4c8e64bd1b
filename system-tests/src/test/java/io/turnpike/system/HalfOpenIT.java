package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import io.turnpike.client.ClientTransport;
import io.turnpike.system.HalfOpenClients.Kind;
import io.turnpike.system.StandaloneRelay.Weight;
import io.turnpike.testing.TestAuthority;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections that never become anything hold little, are closed in time, and keep nobody else out. */
class HalfOpenIT {
    private static final int CONNECTIONS = Integer.getInteger("turnpike.half-open", 10_000);
    /** Few enough of each network to be let in. */
    private static final int NETWORKS = 10;
    /** A channel, its handlers and timers; a stream reassembly that waits for the rest of a message. */
    private static final long MOST_HEAP_BYTES_EACH = 32 * 1024;
    private static final long MOST_DIRECT_BYTES_EACH = 8 * 1024;
    private static final Duration BOUND = Duration.ofMinutes(2);

    /** Held long enough to be weighed. */
    private static final String PATIENT = """
            stream { first-message-timeout = 10m, newcomer-timeout = 10m }
            tls { handshake-timeout = 2m, max-handshakes = 20000, max-handshakes-per-network = 2000 }
            """;

    /** Of this process beside the connections: the relay's own, the classes, the test's. */
    private static final int OTHER_DESCRIPTORS = 1_000;

    @TempDir
    private Path dataDir;

    @BeforeAll
    static void needsFileDescriptors() {
        UnixOperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class);
        assertThat(system.getMaxFileDescriptorCount()).as("file descriptors of a process (ulimit -Hn)")
                .isGreaterThanOrEqualTo(CONNECTIONS + OTHER_DESCRIPTORS);
    }

    @ParameterizedTest
    @CsvSource({"tcp, SILENT", "tcp, HALF_REQUEST", "tls, SILENT", "tls, HALF_HELLO"})
    void holdsTenThousandInFlatMemoryAndServesOthersMeanwhile(String transport, Kind kind) throws IOException {
        try (StandaloneRelay relay = startWithTls(PATIENT)) {
            relay.relay(ClientTransport.TCP, 10);
            Weight before = StandaloneRelay.weigh();
            try (HalfOpenClients clients = HalfOpenClients.connect(relay.listener(transport), kind, CONNECTIONS,
                    NETWORKS)) {
                await().atMost(BOUND).until(() -> newcomers(relay) == CONNECTIONS);
                clients.drip();
                relay.relay(ClientTransport.UDP, 100);
                relay.relay(ClientTransport.TCP, 100);

                Weight after = StandaloneRelay.weigh();
                assertThat(clients.open()).isEqualTo(CONNECTIONS);
                assertThat(after.heapBytes() - before.heapBytes()).as("heap")
                        .isLessThan(CONNECTIONS * MOST_HEAP_BYTES_EACH);
                assertThat(after.directBytes() - before.directBytes()).as("direct memory")
                        .isLessThan(CONNECTIONS * MOST_DIRECT_BYTES_EACH);
            }
            await().atMost(BOUND).until(() -> newcomers(relay) == 0);
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void closesThemInTimeWhateverTheyDrip(Kind kind) throws IOException {
        int few = 200;
        try (StandaloneRelay relay = startWithTls(
                "stream { first-message-timeout = 1s, newcomer-timeout = 10s }, tls.handshake-timeout = 1s");
                HalfOpenClients tcp = HalfOpenClients.connect(relay.listener("tcp"), kind, few, NETWORKS);
                HalfOpenClients tls = HalfOpenClients.connect(relay.listener("tls"), kind, few, NETWORKS)) {
            await().atMost(BOUND).pollInterval(Duration.ofMillis(200)).until(() -> {
                tcp.drip();
                tls.drip();
                return tcp.open() + tls.open() == 0;
            });
            assertThat(newcomers(relay)).isZero();
            relay.relay(ClientTransport.TCP, 10);
        }
    }

    @Test
    void letsOneNetworkHoldOnlyItsShareAndServesOthers() throws IOException {
        try (StandaloneRelay relay = startWithTls(PATIENT);
                HalfOpenClients clients = HalfOpenClients.connect(relay.listener("tcp"), Kind.SILENT, CONNECTIONS, 1)) {
            await().atMost(BOUND).until(clients::open, open -> open <= 2_048);
            assertThat(newcomers(relay)).isEqualTo(2_048);
            assertThat(relay.dropped("too_many_connections")).isEqualTo(CONNECTIONS - 2_048);

            relay.relay(ClientTransport.TCP, 100);
            relay.relay(ClientTransport.UDP, 100);
        }
    }

    private StandaloneRelay startWithTls(String overrides) throws IOException {
        TestAuthority.PemFiles pem = new TestAuthority(dataDir).issue("relay", "127.0.0.1");
        return StandaloneRelay.start(dataDir.resolve("relay"), overrides + """

                listeners = [
                  { transport = udp, host = "127.0.0.1", port = 0 }
                  { transport = tcp, host = "127.0.0.1", port = 0 }
                  { transport = tls, host = "127.0.0.1", port = 0 }
                ]
                tls { certificate = "%s", private-key = "%s" }
                """.formatted(pem.certificate(), pem.privateKey()));
    }

    private static int newcomers(StandaloneRelay relay) {
        return (int) relay.metrics().value("turn_relay_stream_newcomers");
    }
}
