package io.turnpike.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * coturn's client over every transport, each with every framing: it loses nothing, and what it says that it sent and
 * received is what the API tells, to the byte, in all four directions.
 */
@TestInstance(Lifecycle.PER_CLASS)
class UclientIT {
    private static final Duration BOUND = Duration.ofSeconds(50);
    private static final String TENANT = "uclient";
    private static final String SECRET = "uclient-secret";
    private static final int PAYLOAD = 101;
    private static final String IPV4 = "127.0.0.1";
    private static final String IPV6 = "::1";

    private EmbeddedCluster cluster;

    /** What a packet of the payload weighs with its framing (RFC 8656 sections 11 and 12.4). */
    private enum Framing {
        /** Four bytes, without padding in a datagram. */
        CHANNEL_IN_DATAGRAM(4 + PAYLOAD),
        /** Four bytes, and padding to a multiple of four. */
        CHANNEL_PADDED(4 + padded()),
        /** Header, XOR-PEER-ADDRESS of IPv4, DATA with padding. */
        DATA_IPV4(20 + 12 + 4 + padded()),
        /** The same for IPv6. */
        DATA_IPV6(20 + 24 + 4 + padded()),
        /** The same with the FINGERPRINT that this client adds. */
        SEND_IPV4(DATA_IPV4.packetBytes + 8),
        /** And for IPv6. */
        SEND_IPV6(DATA_IPV6.packetBytes + 8),
        /** Nothing (RFC 6062 section 4.3). */
        RAW(PAYLOAD);

        private final int packetBytes;

        Framing(int packetBytes) {
            this.packetBytes = packetBytes;
        }

        private static int padded() {
            return PAYLOAD + 3 & ~3;
        }
    }

    /**
     * How the client is called, and the framing of what it sends and of what it receives.
     *
     * @param user of the API's tenant, so that the figures are those of one run
     */
    private record Way(String user, String host, Framing sent, Framing received, List<String> options) {
        static Way of(String user, String host, Framing sent, Framing received, String... options) {
            return new Way(user, host, sent, received, List.of(options));
        }

        boolean isSecure() {
            return options.contains("-S");
        }

        @Override
        public String toString() {
            return user + " " + String.join(" ", options);
        }
    }

    static Stream<Way> ways() {
        Framing plain = Framing.CHANNEL_IN_DATAGRAM;
        Framing padded = Framing.CHANNEL_PADDED;
        return Stream.of(
                Way.of("udp", IPV4, plain, plain),
                Way.of("udp-padded", IPV4, padded, plain, "-D"),
                Way.of("udp-indications", IPV4, Framing.SEND_IPV4, Framing.DATA_IPV4, "-s"),
                Way.of("udp-mobile", IPV4, plain, plain, "-M"),
                Way.of("udp-ipv6", IPV6, plain, plain, "-x"),
                Way.of("udp-ipv4-to-ipv6", IPV4, Framing.SEND_IPV6, Framing.DATA_IPV6, "-x", "-s"),
                Way.of("tcp", IPV4, padded, padded, "-t"),
                Way.of("tcp-ipv6-indications", IPV6, Framing.SEND_IPV6, Framing.DATA_IPV6, "-t", "-x", "-s"),
                Way.of("tls", IPV4, padded, padded, "-t", "-S"),
                Way.of("tls-ipv6", IPV6, padded, padded, "-t", "-S", "-x"),
                Way.of("dtls", IPV4, plain, plain, "-S"),
                Way.of("dtls-indications", IPV4, Framing.SEND_IPV4, Framing.DATA_IPV4, "-S", "-s"),
                Way.of("tcp-relaying", IPV4, Framing.RAW, Framing.RAW, "-T"),
                Way.of("tcp-relaying-over-tls", IPV4, Framing.RAW, Framing.RAW, "-T", "-S"));
    }

    @BeforeAll
    void start(@TempDir Path dataDir) {
        Uclient.require("UclientIT");
        cluster = EmbeddedCluster.start(dataDir, 2);
        Tenants.create(cluster, TENANT, SECRET, "RFC5766");
    }

    @AfterAll
    void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void losesNothingAndTheApiTellsItsFigures(Way way) throws Exception {
        TurnpikeApi api = new TurnpikeApi(cluster.api());
        JsonNode credential = api.credential(TENANT, way.user);
        int relay = 1 + Math.floorMod(way.user.hashCode(), cluster.relays());
        int port = (way.isSecure() ? cluster.secureRelay(relay) : cluster.relay(relay)).getPort();
        List<String> options = new ArrayList<>(List.of("-m", "2", "-n", "50", "-z", "5", "-l",
                Integer.toString(PAYLOAD)));
        if (way.isSecure()) {
            options.addAll(List.of("-E", cluster.authority().toString()));
        }
        options.addAll(way.options);

        Uclient.Totals client = Uclient.run(new InetSocketAddress(way.host, port), credential.get("username").asText(),
                credential.get("credential").asText(), options);

        assertThat(client.sentBytes()).isEqualTo(client.sentPackets() * PAYLOAD);
        UserUsage.Direction toPeers = new UserUsage.Direction(client.sentBytes(), client.sentBytes(),
                client.sentPackets());
        UserUsage.Direction fromPeers = new UserUsage.Direction(client.receivedBytes(), client.receivedBytes(),
                client.receivedPackets());
        UserUsage.Direction sent = framed(toPeers, way.sent);
        UserUsage.Direction received = framed(fromPeers, way.received);
        UserUsage expected = new UserUsage(sent, toPeers, fromPeers, received,
                sent.wireBytes() + received.wireBytes());
        boolean hasPackets = way.sent != Framing.RAW;
        await("usage of " + way).atMost(BOUND).untilAsserted(() -> {
            UserUsage usage = api.usage(TENANT, way.user);
            assertThat(hasPackets ? usage : usage.withoutPackets())
                    .isEqualTo(hasPackets ? expected : expected.withoutPackets());
        });
    }

    private static UserUsage.Direction framed(UserUsage.Direction payload, Framing framing) {
        return new UserUsage.Direction(payload.packets() * framing.packetBytes, payload.payloadBytes(),
                payload.packets());
    }
}
