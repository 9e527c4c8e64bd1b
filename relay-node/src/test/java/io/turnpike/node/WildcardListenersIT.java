package io.turnpike.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.netty.buffer.Unpooled;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.stun.Malformed;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.XorMappedAddress;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Listeners on 0.0.0.0 and ::, reached at the loopback addresses of both families. */
class WildcardListenersIT {
    private static final int ANSWER_MILLIS = 10_000;

    @TempDir
    private Path dataDir;

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void serveBothFamiliesOnOnePortAndAnswerFromTheAddressThatWasAsked(String engine) throws IOException {
        int port = freePort();
        try (RelayNode node = start(engine, "0.0.0.0", port, "::", port)) {
            assertThat(ports(node, true)).containsExactly(port);
            assertThatLoopbackIsServed(port);
        }
    }

    /** Clients of IPv4 are not seen under an IPv4-mapped IPv6 address. */
    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void theIpv6WildcardAloneServesIpv4Too(String engine) throws IOException {
        try (RelayNode node = start(engine, "::", 0, "::", 0)) {
            for (int port : ports(node, true)) {
                assertThatUdpIsServed(new InetSocketAddress("127.0.0.1", port));
            }
            assertThat(node.listeners()).extracting(listener -> listener.address().getAddress())
                    .contains(InetAddress.getByName("127.0.0.1"));
        }
    }

    private static int[] ports(RelayNode node, boolean datagrams) {
        return node.listeners().stream().filter(listener -> listener.transport().isDatagram() == datagrams)
                .filter(listener -> listener.address().getAddress() instanceof Inet4Address)
                .mapToInt(listener -> listener.address().getPort()).distinct().toArray();
    }

    private RelayNode start(String engine, String host, int port, String otherHost, int otherPort) throws IOException {
        return RelayNode.start(RelayConfig.load(ConfigFactory.parseString("""
                node { id = n1, data-dir = "%s" }
                transport = %s
                kafka.enabled = false
                quota.default.mode = OFF
                admin.port = 0
                listeners = [
                  { transport = udp, host = "%3$s", port = %4$d }, { transport = tcp, host = "%3$s", port = %4$d }
                  { transport = udp, host = "%5$s", port = %6$d }, { transport = tcp, host = "%5$s", port = %6$d }
                ]
                """.formatted(dataDir, engine, host, port, otherHost, otherPort))));
    }

    private static void assertThatLoopbackIsServed(int port) throws IOException {
        List<InetAddress> machine = ClusterServices.machineAddresses().stream()
                .filter(InetAddress::isLoopbackAddress).toList();
        assertThat(machine).contains(InetAddress.getByName("127.0.0.1"));
        for (InetAddress address : machine) {
            assertThatUdpIsServed(new InetSocketAddress(address, port));
            assertThatTcpIsServed(new InetSocketAddress(address, port));
        }
    }

    /** A connected socket takes an answer only from the address that it asked. */
    private static void assertThatUdpIsServed(InetSocketAddress relay) throws IOException {
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(relay.getAddress(), 0))) {
            socket.setSoTimeout(ANSWER_MILLIS);
            socket.connect(relay);
            byte[] request = binding();
            socket.send(new DatagramPacket(request, request.length));
            DatagramPacket answer = new DatagramPacket(new byte[100], 100);
            socket.receive(answer);
            assertMapped(Arrays.copyOf(answer.getData(), answer.getLength()), relay.getAddress(),
                    socket.getLocalPort());
        }
    }

    private static void assertThatTcpIsServed(InetSocketAddress relay) throws IOException {
        try (Socket socket = new Socket(relay.getAddress(), relay.getPort(), relay.getAddress(), 0)) {
            socket.setSoTimeout(ANSWER_MILLIS);
            socket.getOutputStream().write(binding());
            int bytes = relay.getAddress() instanceof Inet4Address ? 32 : 44;
            assertMapped(socket.getInputStream().readNBytes(bytes), relay.getAddress(), socket.getLocalPort());
        }
    }

    private static byte[] binding() {
        return ByteBuffer.allocate(20).putInt(0x00010000).putInt(0x2112A442).putLong(1).putInt(2).array();
    }

    private static void assertMapped(byte[] answer, InetAddress host, int port) {
        StunFrame frame = new StunFrame();
        assertThat(frame.wrap(Unpooled.wrappedBuffer(answer))).isEqualTo(Malformed.NONE);
        assertThat(frame.get(XorMappedAddress.class).orElseThrow().address())
                .isEqualTo(new InetSocketAddress(host, port));
    }

    private static int freePort() throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
