package io.turnpike.node;

import static io.turnpike.node.Metrics.metric;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.ConfigFactory;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import io.turnpike.client.ClientTransport;
import io.turnpike.client.ConnectionSecurity;
import io.turnpike.client.TlsSecurity;
import io.turnpike.client.Traffic;
import io.turnpike.client.TurnClient;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.testing.TestAuthority;
import io.turnpike.testing.TestAuthority.PemFiles;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A client on a stream that does not read while its peer sends: what it gets afterwards, and what it is billed for. */
class SlowReaderIT {
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(20);
    private static final int PAYLOAD_BYTES = 1_000;
    private static final int BATCH = 2_000;
    private static final int MOST_BATCHES = 200;

    @TempDir
    private Path folder;

    static Stream<Arguments> paths() {
        return Engines.all().flatMap(engine -> Stream.of("TCP", "openssl", "jdk")
                .map(protocol -> Arguments.of(engine, protocol)));
    }

    @ParameterizedTest
    @MethodSource("paths")
    void losesWholeMessagesOnlyAndPaysForWhatItGot(String engine, String protocol) throws Exception {
        boolean secure = !protocol.equals("TCP");
        List<Integer> numbers = Collections.synchronizedList(new ArrayList<>());
        AtomicReference<Channel> channel = new AtomicReference<>();
        try (RelayNode node = start(engine, secure ? protocol : "auto", secure);
                DatagramSocket peer = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));
                TurnClient client = get(TurnClient.to(node.listeners().get(0).address())
                        .transport(secure ? ClientTransport.TLS : ClientTransport.TCP)
                        .security(seen(secure ? TlsSecurity.insecure() : ConnectionSecurity.NONE, channel))
                        .credentials("al", "secret").onData((from, data) -> numbers.add(number(data))).connect())) {
            InetSocketAddress relayed = get(client.allocate()).relayed();
            get(client.channelBind(0x4000, (InetSocketAddress) peer.getLocalSocketAddress()));

            channel.get().config().setAutoRead(false);
            int sent = 0;
            for (int batch = 0; batch < MOST_BATCHES && dropped(node) == 0; batch++) {
                for (int i = 0; i < BATCH; i++) {
                    send(peer, relayed, sent++);
                }
            }
            assertThat(dropped(node)).isPositive();
            channel.get().config().setAutoRead(true);
            int last = sent;
            await().atMost(LONG_ENOUGH).until(() -> {
                send(peer, relayed, last);
                return numbers.contains(last);
            });
            assertThat(get(client.binding())).isEqualTo(client.localAddress());

            List<Integer> got = List.copyOf(numbers);
            assertThat(got.subList(0, got.indexOf(last) + 1)).isSorted().doesNotHaveDuplicates();
            assertThat(got.subList(got.indexOf(last), got.size())).containsOnly(last);
            await().atMost(LONG_ENOUGH).untilAsserted(() -> {
                Traffic back = client.counters().relayToClient();
                assertThat(metric(node, "turn_relay_bytes_total{direction=\"tx\",leg=\"client\"}"))
                        .isEqualTo(back.wireBytes()).isEqualTo(back.packets() * (PAYLOAD_BYTES + 4));
                assertThat(metric(node, "turn_relay_packets_total{direction=\"tx\",leg=\"client\"}"))
                        .isEqualTo(back.packets());
            });
            assertThat(client.counters().unreadable()).isZero();
        }
    }

    private static void send(DatagramSocket peer, InetSocketAddress relayed, int number) throws IOException {
        byte[] payload = ByteBuffer.allocate(PAYLOAD_BYTES).putInt(number).putInt(PAYLOAD_BYTES - 4, ~number).array();
        peer.send(new DatagramPacket(payload, payload.length, relayed));
    }

    /** The number of a message that is whole from its first byte to its last. */
    private static int number(ByteBuf data) {
        assertThat(data.readableBytes()).isEqualTo(PAYLOAD_BYTES);
        int number = data.getInt(data.readerIndex());
        assertThat(data.getInt(data.readerIndex() + PAYLOAD_BYTES - 4)).isEqualTo(~number);
        return number;
    }

    private static ConnectionSecurity seen(ConnectionSecurity security, AtomicReference<Channel> seen) {
        return new ConnectionSecurity() {
            @Override
            public void install(Channel channel, InetSocketAddress server) {
                seen.set(channel);
                security.install(channel, server);
            }

            @Override
            public Future<Channel> established(Channel channel) {
                return security.established(channel);
            }
        };
    }

    private RelayNode start(String engine, String provider, boolean secure) throws IOException {
        PemFiles certificate = new TestAuthority(folder).issue("relay", "127.0.0.1");
        return RelayNode.start(RelayConfig.load(ConfigFactory.parseString("""
                event-loops = 1
                peers.allow = ["127.0.0.0/8"]
                listeners = [{ transport = %s, host = "127.0.0.1", port = 0 }]
                tls.provider = %s
                """.formatted(secure ? "tls" : "tcp", provider)).withFallback(NodeKeys.tls(certificate))
                .withFallback(NodeKeys.standalone(folder.resolve("node"), engine))));
    }

    private static long dropped(RelayNode node) throws Exception {
        return metric(node, "turn_relay_dropped_packets_total{reason=\"client_queue_full\"}")
                + metric(node, "turn_relay_dropped_packets_total{reason=\"client_queue_stale\"}");
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
    }
}
