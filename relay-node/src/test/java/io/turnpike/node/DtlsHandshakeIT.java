package io.turnpike.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.turnpike.client.ClientTransport;
import io.turnpike.client.DtlsSecurity;
import io.turnpike.client.EchoPeer;
import io.turnpike.client.TurnClient;
import io.turnpike.node.transport.dtls.Hellos;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** DTLS associations of a whole node over real sockets: how they begin, in what number, and that no stranger ends one. */
class DtlsHandshakeIT extends DtlsBench {
    private static final byte HANDSHAKE = 22;

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void beginsAHandshakeWithWhoeverShowsItsCookieAlsoInFragments(String engine) throws Exception {
        RelayNode node = start(engine, "");
        for (int fragmentBytes : new int[]{4_000, 60, 53}) {
            DatagramSocket client = socket();
            byte[] random = Hellos.random(fragmentBytes);
            byte[] cookie = Hellos.cookie(exchange(client, node, Hellos.first(random)));
            for (byte[] datagram : Hellos.fragments(random, cookie, fragmentBytes)) {
                send(client, node, datagram);
            }
            assertServerHello(receive(client));
        }
    }

    @Test
    void answersNothingToRecordsFromNobodyAndToHellosThatAreNone() throws Exception {
        RelayNode node = start("auto", "");
        DatagramSocket stranger = socket();
        stranger.setSoTimeout(300);
        byte[] hello = Hellos.first(Hellos.random(1));

        send(stranger, node, Hellos.record(23, 1, 5, new byte[40]));
        send(stranger, node, Hellos.record(22, 1, 0, new byte[40]));
        send(stranger, node, Hellos.record(21, 0, 0, new byte[]{2, 40}));
        send(stranger, node, new byte[]{22});
        send(stranger, node, Arrays.copyOf(hello, hello.length - 1));
        byte[] second = Hellos.fragments(Hellos.random(1), new byte[16], 60)[1];
        send(stranger, node, second);

        await().atMost(LONG_ENOUGH).untilAsserted(() -> {
            assertThat(dropped(node, "dtls_unknown_association")).isEqualTo(5);
            assertThat(dropped(node, "dtls_record_refused")).isOne();
        });
        assertThatThrownBy(() -> receive(stranger)).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void boundsHandshakesOfOneNetwork() throws Exception {
        RelayNode node = start("auto", "dtls.max-handshakes-per-network = 2, tls.handshake-timeout = 2m");
        for (int i = 0; i < 2; i++) {
            shake(node, i);
        }
        DatagramSocket third = socket();
        byte[] random = Hellos.random(3);
        byte[] cookie = Hellos.cookie(exchange(third, node, Hellos.first(random)));
        send(third, node, Hellos.second(random, cookie));

        await().atMost(LONG_ENOUGH).untilAsserted(() -> assertThat(dropped(node, "too_many_handshakes")).isOne());
    }

    @Test
    void givesUpHandshakesThatDoNotEndInTime() throws Exception {
        RelayNode node = start("auto", "dtls.max-handshakes-per-network = 1, tls.handshake-timeout = 1s");
        shake(node, 1);

        await().atMost(LONG_ENOUGH).untilAsserted(() -> assertThat(handshakesFailed(node)).isOne());
        TurnClient client = client(node, ClientTransport.DTLS, DtlsSecurity.trusting(authority.file()));
        assertThat(get(client.binding())).isEqualTo(client.localAddress());
    }

    @Test
    void boundsAssociationsWithoutAllocation() throws Exception {
        RelayNode node = start("auto", "dtls.max-newcomers = 1, dtls.max-newcomers-per-network = 1");
        TurnClient first = client(node, ClientTransport.DTLS, DtlsSecurity.trusting(authority.file()));
        DatagramSocket second = socket();
        byte[] random = Hellos.random(1);
        byte[] cookie = Hellos.cookie(exchange(second, node, Hellos.first(random)));
        send(second, node, Hellos.second(random, cookie));
        await().atMost(LONG_ENOUGH).untilAsserted(() -> assertThat(dropped(node, "too_many_connections")).isOne());

        get(first.allocate());
        client(node, ClientTransport.DTLS, DtlsSecurity.trusting(authority.file()));
    }

    @Test
    void letsAClientThatLostItsKeysMakeNewOnesFromTheSamePort() throws Exception {
        RelayNode node = start("auto", "");
        DatagramSocket reserved = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));
        InetSocketAddress local = (InetSocketAddress) reserved.getLocalSocketAddress();
        reserved.close();
        EventLoopGroup machine = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        TurnClient before = from(node, local, machine);
        get(before.allocate());
        // Its machine stops: no word is said.
        machine.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();

        TurnClient after = from(node, local, null);

        assertThat(get(after.binding())).isEqualTo(local);
        get(after.allocate());
        assertThat(node.allocations()).isOne();
    }

    @Test
    void keepsTheAssociationWhateverIsSentInItsName() throws Exception {
        RelayNode node = start("auto", "");
        DtlsMiddle middle = open.add(new DtlsMiddle(address(node)));
        TurnClient client = through(middle);
        get(client.allocate());
        EchoPeer peer = open.add(EchoPeer.start(new InetSocketAddress("127.0.0.1", 0)));
        get(client.channelBind(0x4000, peer.address()));
        get(client.channelData(0x4000, Unpooled.wrappedBuffer(new byte[100])));
        await().atMost(LONG_ENOUGH).until(() -> peer.receivedPackets() == 1);

        // Alerts and records that nobody has signed, another hello, and everything that the client has ever sent.
        middle.toRelay(Hellos.record(21, 0, 99, new byte[]{2, 40}));
        middle.toRelay(Hellos.record(21, 1, 99, new byte[]{1, 0}));
        middle.toRelay(Hellos.record(23, 1, 1L << 40, new byte[64]));
        middle.toRelay(Hellos.record(22, 0, 99, new byte[40]));
        middle.toRelay(Hellos.first(Hellos.random(1)));
        middle.toRelay(Hellos.second(Hellos.random(1), new byte[16]));
        List<byte[]> sent = middle.sentByClient();
        for (byte[] datagram : sent) {
            middle.toRelay(datagram);
        }

        assertThat(get(client.binding())).isEqualTo(middle.address());
        assertThat(node.allocations()).isOne();
        assertThat(peer.receivedPackets()).isOne();
        assertThat(dropped(node, "dtls_record_refused")).isGreaterThanOrEqualTo(6);
    }

    @Test
    void saysNothingOfAHandshakeThatTheClientHasBegunAnew() throws Exception {
        RelayNode node = start("auto", "tls.handshake-timeout = 2m");
        DatagramSocket client = socket();
        client.setSoTimeout(2_000);
        beginHandshake(client, node, 1);

        beginHandshake(client, node, 2);

        // An alert of the first one would end the second: it is not encrypted, so nobody can tell them apart.
        assertThatThrownBy(() -> {
            while (true) {
                assertThat(receive(client)[0]).isEqualTo(HANDSHAKE);
            }
        }).isInstanceOf(SocketTimeoutException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 7, 9})
    void shakesHandsAlthoughDatagramsAreLost(int number) throws Exception {
        RelayNode node = start("auto", "tls.handshake-timeout = 60s");
        DtlsMiddle middle = open.add(new DtlsMiddle(address(node)));
        middle.lose(number);

        TurnClient client = through(middle);

        get(client.allocate());
        assertThat(node.allocations()).isOne();
    }

    /** As far as the first message of the server's flight; what else comes is left in the socket. */
    private void beginHandshake(DatagramSocket client, RelayNode node, int seed) throws IOException {
        byte[] random = Hellos.random(seed);
        send(client, node, Hellos.first(random));
        byte[] cookie = Hellos.cookie(receiveMessage(client, 3));
        send(client, node, Hellos.second(random, cookie));
        assertServerHello(receiveMessage(client, 2));
    }

    private static byte[] receiveMessage(DatagramSocket client, int type) throws IOException {
        byte[] datagram = receive(client);
        while (datagram[13] != type) {
            assertThat(datagram[0]).isEqualTo(HANDSHAKE);
            datagram = receive(client);
        }
        return datagram;
    }

    private TurnClient through(DtlsMiddle middle) throws Exception {
        return open.add(get(TurnClient.to(middle.address()).transport(ClientTransport.DTLS)
                .security(DtlsSecurity.trusting(authority.file())).credentials("al", "secret").connect()));
    }

    private void shake(RelayNode node, int seed) throws IOException {
        DatagramSocket client = socket();
        byte[] random = Hellos.random(seed);
        byte[] cookie = Hellos.cookie(exchange(client, node, Hellos.first(random)));
        assertServerHello(exchange(client, node, Hellos.second(random, cookie)));
    }

    private static void assertServerHello(byte[] datagram) {
        assertThat(datagram).startsWith(22, 0xFE, 0xFD);
        assertThat(datagram[13]).isEqualTo((byte) 2);
    }

    private TurnClient from(RelayNode node, InetSocketAddress local, EventLoopGroup loops) throws Exception {
        return open.add(
                get(TurnClient.to(address(node)).transport(ClientTransport.DTLS).localAddress(local).eventLoops(loops)
                        .security(DtlsSecurity.trusting(authority.file())).credentials("al", "secret").connect()));
    }

    private DatagramSocket socket() throws IOException {
        DatagramSocket socket = open.add(new DatagramSocket(new InetSocketAddress("127.0.0.1", 0)));
        socket.setSoTimeout((int) LONG_ENOUGH.toMillis());
        return socket;
    }

    private static byte[] exchange(DatagramSocket socket, RelayNode node, byte[] datagram) throws IOException {
        send(socket, node, datagram);
        return receive(socket);
    }

    private static void send(DatagramSocket socket, RelayNode node, byte[] datagram) throws IOException {
        socket.send(new DatagramPacket(datagram, datagram.length, address(node)));
    }

    private static byte[] receive(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[2_048], 2_048);
        socket.receive(packet);
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }
}
