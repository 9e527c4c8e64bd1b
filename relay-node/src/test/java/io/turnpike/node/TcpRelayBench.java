package io.turnpike.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.turnpike.client.Allocation;
import io.turnpike.client.ClientTransport;
import io.turnpike.client.DataConnection;
import io.turnpike.client.StreamListener;
import io.turnpike.client.TurnClient;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.RequestedAddressFamily;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** A relay, clients and peers for TCP allocations over real sockets, on every socket engine. */
abstract class TcpRelayBench extends NodeBench {
    static final String PEERS = "peers.allow = [\"127.0.0.0/8\", \"::1/128\"]";
    /** Enough of them, that some come in on another event loop than their allocation's. */
    static final int CONNECTIONS = 8;

    /** Engines, transports and hosts, each with each. */
    static Stream<Arguments> paths() {
        return Engines.all()
                .flatMap(engine -> Stream.of(ClientTransport.TCP, ClientTransport.TLS)
                        .flatMap(transport -> Stream.of("127.0.0.1", "::1")
                                .map(host -> Arguments.of(engine, transport, host))));
    }

    /** Sends random bytes to an echo, and compares what comes back. */
    static final class Exchange {
        private final Received received = new Received();
        private final DataConnection data;
        private final byte[] sent;

        Exchange(DataConnection data, Random random, int bytes) {
            this.data = data;
            sent = new byte[bytes];
            random.nextBytes(sent);
            data.onBytes(received);
            for (int at = 0; at < bytes; at += 10_000) {
                data.send(Unpooled.copiedBuffer(sent, at, Math.min(10_000, bytes - at)));
            }
        }

        /** The bytes that came back, which are as many as were sent. */
        int awaitEcho() {
            await().atMost(LONG_ENOUGH).until(() -> received.size() >= sent.length);
            assertThat(received.bytes()).isEqualTo(sent);
            assertThat(data.sentBytes()).isEqualTo(sent.length);
            assertThat(data.receivedBytes()).isEqualTo(sent.length);
            return sent.length;
        }

        void finishAndAwaitEnd() throws Exception {
            get(data.finish());
            get(data.ended());
            get(data.closed());
        }
    }

    /** Keeps all bytes that come. */
    static final class Received implements StreamListener {
        private final ByteArrayOutputStream all = new ByteArrayOutputStream();

        @Override
        public synchronized void onBytes(ByteBuf bytes) {
            byte[] next = new byte[bytes.readableBytes()];
            bytes.readBytes(next);
            all.writeBytes(next);
        }

        synchronized int size() {
            return all.size();
        }

        synchronized byte[] bytes() {
            return all.toByteArray();
        }
    }

    static Allocation allocate(TurnClient client, String host) throws Exception {
        AddressFamily family = AddressFamily.of(new InetSocketAddress(host, 1).getAddress());
        return get(client.allocateTcp(request -> request.add(new RequestedAddressFamily(family))));
    }

    RelayNode start(String engine, String overrides) throws IOException {
        return startWith(engine, overrides, """
                event-loops = 3
                relay { ipv4 = "127.0.0.1", ipv6 = "::1" }
                listeners = [
                  { transport = tcp, host = "127.0.0.1", port = 0 }
                  { transport = tcp, host = "::1", port = 0 }
                  { transport = tls, host = "127.0.0.1", port = 0 }
                  { transport = tls, host = "::1", port = 0 }
                ]
                """);
    }

    TurnClient client(RelayNode node, ClientTransport transport, String host) throws Exception {
        return open.add(get(TurnClient.to(listener(node, transport, host)).transport(transport)
                .security(security(transport)).credentials("al", "secret").connect()));
    }

    /** A client of a new node with a TCP allocation, over TCP and IPv4. */
    TurnClient allocated(String engine) throws Exception {
        TurnClient client = client(start(engine, PEERS), ClientTransport.TCP, "127.0.0.1");
        get(client.allocateTcp());
        return client;
    }

    /** A peer's end that takes one connection at a time. */
    static ServerSocket listening() throws IOException {
        return new ServerSocket(0, 1, new InetSocketAddress("127.0.0.1", 0).getAddress());
    }

    static InetSocketAddress addressOf(ServerSocket listener) {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }
}
