package io.turnpike.node;

import static io.turnpike.node.Metrics.metric;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.turnpike.client.Allocation;
import io.turnpike.client.ClientTransport;
import io.turnpike.client.DataConnection;
import io.turnpike.client.StreamListener;
import io.turnpike.client.TcpEchoPeer;
import io.turnpike.client.TurnClient;
import io.turnpike.stun.ConnectionId;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Data connections over real sockets on loopback (RFC 6062): bytes, their count, their ends, and slow readers. */
class TcpDataConnectionIT extends TcpRelayBench {
    @ParameterizedTest
    @MethodSource("paths")
    void relaysBothWaysAndCountsToTheByte(String engine, ClientTransport transport, String host) throws Exception {
        RelayNode node = start(engine, PEERS);
        TurnClient client = client(node, transport, host);
        Allocation allocation = allocate(client, host);
        List<Exchange> exchanges = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            TcpEchoPeer peer = open.add(TcpEchoPeer.start(new InetSocketAddress(host, 0)));
            DataConnection data = open.add(get(client.connect(peer.address())));
            // RFC 6062 section 5.2: the connection begins at the relayed transport address.
            assertThat(peer.nextSource(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isEqualTo(allocation.relayed());
            assertThat(data.localAddress()).isNotEqualTo(client.localAddress());
            exchanges.add(new Exchange(data, new Random(i), 300_000 + i));
        }

        long bytes = 0;
        for (Exchange exchange : exchanges) {
            bytes += exchange.awaitEcho();
            exchange.finishAndAwaitEnd();
        }

        await().atMost(LONG_ENOUGH).untilAsserted(() -> assertThat(
                metric(node, "turn_relay_packets_total{direction=\"tx\",leg=\"client\"}")).isPositive());
        for (String series : List.of("direction=\"rx\",leg=\"client\"", "direction=\"tx\",leg=\"peer\"",
                "direction=\"rx\",leg=\"peer\"", "direction=\"tx\",leg=\"client\"")) {
            assertThat(metric(node, "turn_relay_bytes_total{" + series + "}")).as(series).isEqualTo(bytes);
        }
    }

    /** RFC 6062 section 4.3: what follows the ConnectionBind is the peer's, even in the same segment; the end as well. */
    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void keepsBytesInOrderThatWereSentWithTheConnectionBind(String engine) throws Exception {
        RelayNode node = start(engine, PEERS);
        TurnClient client = client(node, ClientTransport.TCP, "127.0.0.1");
        get(client.allocateTcp());
        for (int i = 0; i < CONNECTIONS; i++) {
            try (ServerSocket peer = listening()) {
                int id = get(client.requestConnection(addressOf(peer)));
                TurnClient data = client(node, ClientTransport.TCP, "127.0.0.1");
                // Learns a nonce.
                get(data.signedRequest(StunMethod.CONNECTION_BIND, request -> request.add(new ConnectionId(id ^ 2))));
                byte[] early = new byte[5000];
                new Random(i).nextBytes(early);
                ByteBuf segment = Unpooled.buffer();
                get(data.onData((from, bytes) -> {}));
                CompletableFuture<Void> sent = new CompletableFuture<>();
                data.onConnectionAttempt((from, none) -> {}).thenRun(() -> {
                    StunMessageBuilder bind = new StunMessageBuilder().begin(segment, StunMethod.CONNECTION_BIND,
                            StunClass.REQUEST, new TransactionId(7, 9)).add(new ConnectionId(id));
                    data.sign(bind);
                    segment.writeBytes(early);
                    data.sendRaw(segment).thenRun(() -> sent.complete(null));
                });
                get(sent);
                try (Socket accepted = peer.accept()) {
                    accepted.setSoTimeout((int) LONG_ENOUGH.toMillis());
                    assertThat(accepted.getInputStream().readNBytes(early.length)).isEqualTo(early);
                    data.close();
                    assertThat(accepted.getInputStream().read()).isEqualTo(-1);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void passesTheEndOfOneDirectionOnAndKeepsTheOther(String engine) throws Exception {
        TurnClient client = allocated(engine);
        try (ServerSocket listener = listening()) {
            DataConnection data = open.add(get(client.connect(addressOf(listener))));
            Received received = new Received();
            data.onBytes(received);
            try (Socket peer = listener.accept()) {
                peer.setSoTimeout((int) LONG_ENOUGH.toMillis());
                peer.getOutputStream().write(new byte[1000]);
                peer.shutdownOutput();
                get(data.ended());
                assertThat(received.bytes()).hasSize(1000);
                get(data.send(Unpooled.wrappedBuffer(new byte[2000])));
                assertThat(peer.getInputStream().readNBytes(2000)).hasSize(2000);
                get(data.finish());
                assertThat(peer.getInputStream().read()).isEqualTo(-1);
            }
            get(data.closed());
        }
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void passesAResetOnInBothDirections(String engine) throws Exception {
        TurnClient client = allocated(engine);
        TcpEchoPeer echo = open.add(TcpEchoPeer.start(new InetSocketAddress("127.0.0.1", 0)));
        DataConnection cut = open.add(get(client.connect(echo.address())));
        new Exchange(cut, new Random(1), 100).awaitEcho();
        echo.resetAll();
        get(cut.closed());
        assertThat(cut.ended()).isCompletedExceptionally();

        try (ServerSocket listener = listening()) {
            DataConnection data = get(client.connect(addressOf(listener)));
            try (Socket peer = listener.accept()) {
                peer.setSoTimeout((int) LONG_ENOUGH.toMillis());
                data.abort();
                assertThatThrownBy(() -> peer.getInputStream().read())
                        .isInstanceOf(SocketException.class);
            }
        }
    }

    /** Where the client does not read, the peer's window closes: nothing piles up in the relay, and nothing is lost. */
    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void holdsASenderBackWhileTheReceiverIsSlow(String engine) throws Exception {
        RelayNode node = start(engine, PEERS);
        TurnClient client = client(node, ClientTransport.TCP, "127.0.0.1");
        get(client.allocateTcp());
        long total = 64L << 20;
        AtomicLong written = new AtomicLong();
        try (ServerSocket listener = listening()) {
            DataConnection data = open.add(get(client.connect(addressOf(listener))));
            Socket peer = open.add(listener.accept());
            Thread sender = new Thread(() -> sendAll(peer, total, written));
            sender.start();
            // Bytes in flight stand still when every buffer between the two is full.
            await().atMost(LONG_ENOUGH).during(Duration.ofSeconds(1)).until(() -> {
                long before = written.get();
                return before > 0 && before == written.get();
            });
            assertThat(written).hasValueLessThan(total / 2);
            assertThat(metric(node, "turn_relay_bytes_total{direction=\"rx\",leg=\"peer\"}")).isLessThan(total / 2);

            Counting counting = new Counting();
            data.onBytes(counting);
            get(data.ended());
            assertThat(counting.bytes).hasValue(total);
            await().atMost(LONG_ENOUGH).untilAsserted(() -> assertThat(
                    metric(node, "turn_relay_bytes_total{direction=\"tx\",leg=\"client\"}")).isEqualTo(total));
        }
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void resetsASlowReaderWhenTheAllocationEnds(String engine) throws Exception {
        TurnClient client = allocated(engine);
        AtomicLong written = new AtomicLong();
        try (ServerSocket listener = listening()) {
            DataConnection data = open.add(get(client.connect(addressOf(listener))));
            Socket peer = open.add(listener.accept());
            new Thread(() -> {
                try {
                    sendAll(peer, 64L << 20, written);
                } catch (UncheckedIOException e) {
                    // The relay closes the connection before all is sent.
                }
            }).start();
            await().atMost(LONG_ENOUGH).during(Duration.ofSeconds(1)).until(() -> {
                long before = written.get();
                return before > 0 && before == written.get();
            });

            get(client.release());
            data.onBytes(new Counting());

            get(data.closed());
            assertThat(data.ended()).isCompletedExceptionally();
        }
    }

    private static void sendAll(Socket peer, long total, AtomicLong written) {
        byte[] chunk = new byte[1 << 16];
        try {
            OutputStream out = peer.getOutputStream();
            while (written.get() < total) {
                out.write(chunk);
                written.addAndGet(chunk.length);
            }
            peer.shutdownOutput();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Counting implements StreamListener {
        private final AtomicLong bytes = new AtomicLong();

        @Override
        public void onBytes(ByteBuf next) {
            bytes.addAndGet(next.readableBytes());
        }
    }
}
