package io.turnpike.node;

import static io.turnpike.node.Metrics.metric;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.turnpike.client.Allocation;
import io.turnpike.client.ClientTransport;
import io.turnpike.client.DataConnection;
import io.turnpike.client.StunErrorException;
import io.turnpike.client.TcpEchoPeer;
import io.turnpike.client.TurnClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** TCP allocations over real sockets on loopback (RFC 6062): who gets a connection, and when it ends. */
class TcpAllocationIT extends TcpRelayBench {
    @ParameterizedTest
    @MethodSource("paths")
    void letsPeersWithAPermissionIn(String engine, ClientTransport transport, String host) throws Exception {
        RelayNode node = start(engine, PEERS);
        TurnClient client = client(node, transport, host);
        Allocation allocation = allocate(client, host);
        BlockingQueue<Attempt> attempts = new LinkedBlockingQueue<>();
        get(client.onConnectionAttempt((peer, id) -> attempts.add(new Attempt(peer, id))));
        get(client.createPermission(new InetSocketAddress(host, 9)));
        TcpEchoPeer peer = open.add(TcpEchoPeer.start(new InetSocketAddress(host, 0)));

        for (int i = 0; i < CONNECTIONS; i++) {
            peer.connectTo(allocation.relayed());
            Attempt attempt = attempts.poll(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
            assertThat(attempt.peer().getAddress()).isEqualTo(peer.address().getAddress());
            DataConnection data = open.add(get(client.accept(attempt.id())));
            Exchange exchange = new Exchange(data, new Random(i), 50_000);
            exchange.awaitEcho();
            exchange.finishAndAwaitEnd();
        }
        assertThat(attempts).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void closesAPeerWithoutPermissionAtOnceAndTellsTheClientNothing(String engine) throws Exception {
        RelayNode node = start(engine, PEERS);
        TurnClient client = client(node, ClientTransport.TCP, "127.0.0.1");
        Allocation allocation = get(client.allocateTcp());
        BlockingQueue<Attempt> attempts = new LinkedBlockingQueue<>();
        get(client.onConnectionAttempt((peer, id) -> attempts.add(new Attempt(peer, id))));

        try (Socket stranger = connected(allocation.relayed())) {
            assertThat(endOf(stranger)).isTrue();
        }

        get(client.binding());
        assertThat(attempts).isEmpty();
        assertThat(metric(node, "turn_relay_dropped_packets_total{reason=\"peer_without_permission\"}")).isOne();
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void closesTheDataConnectionsWithTheAllocation(String engine) throws Exception {
        RelayNode node = start(engine, PEERS);
        TcpEchoPeer peer = open.add(TcpEchoPeer.start(new InetSocketAddress("127.0.0.1", 0)));
        TurnClient released = client(node, ClientTransport.TCP, "127.0.0.1");
        get(released.allocateTcp());
        DataConnection first = open.add(get(released.connect(peer.address())));
        first.onBytes(new Received());
        get(released.release());
        get(first.ended());

        TurnClient lost = client(node, ClientTransport.TCP, "127.0.0.1");
        Allocation allocation = get(lost.allocateTcp());
        DataConnection second = open.add(get(lost.connect(peer.address())));
        second.onBytes(new Received());
        lost.close();
        get(second.ended());
        await().atMost(LONG_ENOUGH).until(() -> peer.connections() == 0 && node.allocations() == 0);
        assertThatThrownBy(() -> connected(allocation.relayed()).close())
                .isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void letsTwoRelayedClientsMeetThoughTheirRangeIsDenied(String engine) throws Exception {
        RelayNode node = start(engine, "");
        TurnClient caller = client(node, ClientTransport.TCP, "127.0.0.1");
        TurnClient callee = client(node, ClientTransport.TCP, "127.0.0.1");
        Allocation from = get(caller.allocateTcp());
        Allocation to = get(callee.allocateTcp());
        get(callee.createPermission(from.relayed()));
        CompletableFuture<DataConnection> accepted = new CompletableFuture<>();
        get(callee.onConnectionAttempt((peer, id) -> {
            assertThat(peer).isEqualTo(from.relayed());
            callee.accept(id).thenAccept(accepted::complete);
        }));

        DataConnection out = open.add(get(caller.connect(to.relayed())));
        DataConnection in = open.add(get(accepted));
        Received received = new Received();
        in.onBytes(received);
        byte[] bytes = new byte[100_000];
        new Random(3).nextBytes(bytes);
        get(out.send(Unpooled.copiedBuffer(bytes)));
        get(out.finish());
        get(in.ended());
        assertThat(received.bytes()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void answersRefusedAndForbiddenPeers(String engine) throws Exception {
        RelayNode node = start(engine, PEERS);
        TurnClient client = client(node, ClientTransport.TCP, "127.0.0.1");
        Allocation allocation = get(client.allocateTcp());
        InetSocketAddress nobody;
        try (ServerSocket gone = listening()) {
            nobody = addressOf(gone);
        }

        assertThat(connectError(client, nobody)).isEqualTo(447);
        assertThat(connectError(client, allocation.relayed())).isEqualTo(403);
        assertThat(connectError(client, listener(node, ClientTransport.TCP, "127.0.0.1"))).isEqualTo(403);
        TcpEchoPeer peer = open.add(TcpEchoPeer.start(new InetSocketAddress("127.0.0.1", 0)));
        get(client.requestConnection(peer.address()));
        assertThat(connectError(client, peer.address())).isEqualTo(446);
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void refusesAPortThatAnotherRelayListensOn(String engine) throws Exception {
        RelayNode first = start(engine, "relay { port-min = 50100, port-max = 50100 }");
        RelayNode second = start(engine, "relay { port-min = 50100, port-max = 50100 }");
        get(client(first, ClientTransport.TCP, "127.0.0.1").allocateTcp());

        TurnClient other = client(second, ClientTransport.TCP, "127.0.0.1");
        assertThat(errorOf(other.allocateTcp())).isEqualTo(508);
    }

    private static int connectError(TurnClient client, InetSocketAddress peer) throws Exception {
        return errorOf(client.requestConnection(peer));
    }

    private static int errorOf(CompletableFuture<?> answer) throws Exception {
        try {
            get(answer);
            return 0;
        } catch (ExecutionException e) {
            return ((StunErrorException) e.getCause()).code();
        }
    }

    private static Socket connected(InetSocketAddress address) throws IOException {
        Socket socket = new Socket();
        socket.connect(address);
        socket.setSoTimeout((int) LONG_ENOUGH.toMillis());
        return socket;
    }

    /** Whether the other end is gone, with or without a reset. */
    private static boolean endOf(Socket socket) throws IOException {
        try {
            InputStream in = socket.getInputStream();
            return in.read() == -1;
        } catch (SocketException e) {
            return true;
        }
    }

    private record Attempt(InetSocketAddress peer, int id) {}
}
