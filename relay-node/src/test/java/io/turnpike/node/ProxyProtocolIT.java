package io.turnpike.node;

import static io.turnpike.node.Metrics.metric;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.turnpike.client.ClientTransport;
import io.turnpike.client.EchoPeer;
import io.turnpike.client.TurnClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A node behind a proxy that says for whom it connects. */
class ProxyProtocolIT extends NodeBench {
    private static final InetSocketAddress CLIENT = new InetSocketAddress("192.0.2.7", 49_321);
    private static final String VERSION_1 = "PROXY TCP4 192.0.2.7 198.51.100.1 49321 3478\r\n";

    @ParameterizedTest
    @CsvSource({"epoll,tcp,TCP", "nio,tcp,TCP", "epoll,tls,TLS", "nio,tls,TLS", "epoll,tcp+tls,TCP",
        "epoll,tcp+tls,TLS"})
    void servesTheClientThatTheHeaderNames(String engine, String listener, ClientTransport transport)
            throws Exception {
        RelayNode node = start(engine, listener, "");
        EchoPeer peer = open.add(EchoPeer.start(new InetSocketAddress("127.0.0.1", 0)));
        for (boolean together : List.of(true, false)) {
            for (byte[] header : List.of(VERSION_1.getBytes(StandardCharsets.US_ASCII), version2())) {
                BlockingQueue<Integer> received = new LinkedBlockingQueue<>();
                // What the client says first may come with the end of the header, or after it.
                Proxy proxy = open.add(new Proxy(address(node), header, together));
                TurnClient client = client(proxy.address(), transport, received);

                assertThat(get(client.binding())).isEqualTo(CLIENT);
                assertThat(get(client.allocate()).mapped()).isEqualTo(CLIENT);
                get(client.channelBind(0x4000, peer.address()));
                get(client.channelData(0x4000, Unpooled.wrappedBuffer(new byte[999])));
                assertThat(received.poll(10, TimeUnit.SECONDS)).isEqualTo(999);
                client.close();
                await().atMost(LONG_ENOUGH).until(() -> node.allocations() == 0);
            }
        }
    }

    @Test
    void keepsTheSocketsAddressWhereTheHeaderNamesNone() throws Exception {
        RelayNode node = start("auto", "tcp", "");
        Proxy proxy = open.add(new Proxy(address(node), "PROXY UNKNOWN\r\n".getBytes(StandardCharsets.US_ASCII)));

        assertThat(get(client(proxy.address(), ClientTransport.TCP, new LinkedBlockingQueue<>()).binding())
                .getAddress()).isEqualTo(InetAddress.getByName("127.0.0.1"));
    }

    @ParameterizedTest
    @CsvSource({"tcp", "tls", "tcp+tls"})
    void closesAConnectionWithoutAHeader(String listener) throws Exception {
        RelayNode node = start("auto", listener, "");
        try (Socket socket = new Socket(address(node).getAddress(), address(node).getPort())) {
            socket.getOutputStream().write(new byte[]{0, 1, 0, 0});
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        await().atMost(LONG_ENOUGH).untilAsserted(() -> assertThat(dropped(node, "proxy_header_refused")).isOne());
    }

    @Test
    void closesAConnectionWhoseHeaderDoesNotCome() throws Exception {
        RelayNode node = start("auto", "tcp", "stream.first-message-timeout = 1s");
        try (Socket socket = new Socket(address(node).getAddress(), address(node).getPort())) {
            socket.getOutputStream().write("PROXY TCP4 1.2".getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        await().atMost(LONG_ENOUGH).untilAsserted(() -> assertThat(dropped(node, "proxy_header_refused")).isOne());
    }

    @Test
    void believesOnlyItsOwnProxies() throws Exception {
        RelayNode node = start("auto", "tcp", "", "proxy-protocol-from = [\"10.0.0.0/8\", \"::1/128\"]");
        try (Socket socket = new Socket(address(node).getAddress(), address(node).getPort())) {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        await().atMost(LONG_ENOUGH).untilAsserted(() -> assertThat(dropped(node, "proxy_header_refused")).isOne());

        RelayNode trusting = start("auto", "tcp", "", "proxy-protocol-from = [\"127.0.0.0/8\"]");
        Proxy proxy = open.add(new Proxy(address(trusting), version2()));
        assertThat(get(client(proxy.address(), ClientTransport.TCP, new LinkedBlockingQueue<>()).binding()))
                .isEqualTo(CLIENT);
    }

    @Test
    void closesASecondConnectionThatClaimsToBeTheSame() throws Exception {
        RelayNode node = start("auto", "tcp", "");
        Proxy proxy = open.add(new Proxy(address(node), version2()));
        TurnClient first = client(proxy.address(), ClientTransport.TCP, new LinkedBlockingQueue<>());
        get(first.allocate());

        TurnClient second = client(proxy.address(), ClientTransport.TCP, new LinkedBlockingQueue<>());

        await().atMost(LONG_ENOUGH).until(() -> !second.isOpen());
        assertThat(get(first.binding())).isEqualTo(CLIENT);
        assertThat(node.allocations()).isOne();
    }

    @Test
    void takesTheHeaderForGarbageWhereNobodyAskedForOne() throws Exception {
        RelayNode node = start("auto", "tcp", "", "proxy-protocol = false");
        for (byte[] header : List.of(VERSION_1.getBytes(StandardCharsets.US_ASCII), version2())) {
            try (Socket socket = new Socket(address(node).getAddress(), address(node).getPort())) {
                socket.getOutputStream().write(header);
                socket.getOutputStream().write(new byte[20_000]);
                assertThat(isClosed(socket)).isTrue();
            }
        }
        await().atMost(LONG_ENOUGH).untilAsserted(() -> assertThat(dropped(node, "malformed_stream")).isEqualTo(2));
    }

    private static boolean isClosed(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() == -1;
        } catch (SocketException e) {
            return true; // what it sent was not read to the end
        }
    }

    /** 192.0.2.7:49321 to 198.51.100.1:3478, with a TLV behind. */
    private static byte[] version2() {
        byte[] tlv = {0x04, 0, 3, 1, 2, 3};
        return ByteBuffer.allocate(16 + 12 + tlv.length)
                .put(new byte[]{0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x21, 0x11})
                .putShort((short) (12 + tlv.length)).put(CLIENT.getAddress().getAddress())
                .put(new byte[]{(byte) 198, 51, 100, 1}).putShort((short) CLIENT.getPort()).putShort((short) 3_478)
                .put(tlv).array();
    }

    private TurnClient client(InetSocketAddress proxy, ClientTransport transport, BlockingQueue<Integer> received)
            throws Exception {
        return open.add(get(TurnClient.to(proxy).transport(transport).security(security(transport))
                .credentials("al", "secret").onData((from, data) -> received.add(data.readableBytes())).connect()));
    }

    private RelayNode start(String engine, String listener, String overrides) throws IOException {
        return start(engine, listener, overrides, "");
    }

    private RelayNode start(String engine, String listener, String overrides, String listenerKeys)
            throws IOException {
        return startWith(engine, overrides, """
                event-loops = 2
                relay { ipv4 = "127.0.0.1" }
                peers.allow = ["127.0.0.0/8"]
                listeners = [{ transport = "%s", host = "127.0.0.1", port = 0, proxy-protocol = true, %s }]
                """.formatted(listener, listenerKeys));
    }

    private static InetSocketAddress address(RelayNode node) {
        return node.listeners().get(0).address();
    }

    private static long dropped(RelayNode node, String reason) throws Exception {
        return metric(node, "turn_relay_dropped_packets_total{reason=\"" + reason + "\"}");
    }

    /** Forwards connections and puts a header before each, in two pieces. */
    private static final class Proxy implements AutoCloseable {
        private static final int MOST_SAID_BYTES = 16_384;

        private final ServerSocket listening = new ServerSocket(0, 16, InetAddress.getByName("127.0.0.1"));
        private final InetSocketAddress relay;
        private final byte[] header;
        private final boolean together;
        private final List<Socket> sockets = new ArrayList<>();

        Proxy(InetSocketAddress relay, byte[] header) throws IOException {
            this(relay, header, false);
        }

        /** @param together whether the end of the header waits for what the client says first */
        Proxy(InetSocketAddress relay, byte[] header, boolean together) throws IOException {
            this.relay = relay;
            this.header = header;
            this.together = together;
            inBackground(this::accept);
        }

        InetSocketAddress address() {
            return (InetSocketAddress) listening.getLocalSocketAddress();
        }

        private void accept() throws IOException {
            while (true) {
                Socket client = listening.accept();
                Socket server = new Socket(relay.getAddress(), relay.getPort());
                server.setTcpNoDelay(true);
                synchronized (sockets) {
                    sockets.add(client);
                    sockets.add(server);
                }
                server.getOutputStream().write(header, 0, 5);
                byte[] said = new byte[together ? MOST_SAID_BYTES : 0];
                int saidBytes = Math.max(0, client.getInputStream().read(said));
                server.getOutputStream().write(ByteBuffer.allocate(header.length - 5 + saidBytes)
                        .put(header, 5, header.length - 5).put(said, 0, saidBytes).array());
                inBackground(() -> forward(client, server));
                inBackground(() -> forward(server, client));
            }
        }

        private static void forward(Socket from, Socket to) throws IOException {
            try (from; to) {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                in.transferTo(out);
            }
        }

        private interface Step {
            void run() throws IOException;
        }

        private static void inBackground(Step step) {
            Thread thread = new Thread(() -> {
                try {
                    step.run();
                } catch (IOException e) {
                    // One side is gone, and the other with it.
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        @Override
        public void close() throws IOException {
            listening.close();
            synchronized (sockets) {
                for (Socket socket : sockets) {
                    socket.close();
                }
            }
        }
    }
}
