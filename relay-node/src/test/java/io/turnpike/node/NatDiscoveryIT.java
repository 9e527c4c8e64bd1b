package io.turnpike.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.stun.ChangeRequest;
import io.turnpike.stun.Malformed;
import io.turnpike.stun.OtherAddress;
import io.turnpike.stun.Padding;
import io.turnpike.stun.ResponseOrigin;
import io.turnpike.stun.ResponsePort;
import io.turnpike.stun.StunAttribute;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;
import io.turnpike.stun.XorMappedAddress;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** NAT behaviour discovery (RFC 5780) of a live relay: over plain sockets, and with coturn's own tools. */
class NatDiscoveryIT {
    private static final int LONG_ENOUGH_MILLIS = 20_000;

    @TempDir
    private Path dataDir;
    @RegisterExtension
    final OpenParts open = new OpenParts();

    private record Heard(StunFrame frame, InetSocketAddress from) {}

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void answersFromEachOfTheFourSockets(String engine) throws Exception {
        InetSocketAddress primary = start(engine);
        // Several clients, so that both event loops answer.
        for (int i = 0; i < 8; i++) {
            DatagramSocket client = client();
            InetSocketAddress self = (InetSocketAddress) client.getLocalSocketAddress();
            InetSocketAddress other = ask(client, client, primary).frame.get(OtherAddress.class).orElseThrow()
                    .address();
            assertThat(other.getAddress().getHostAddress()).isEqualTo("127.0.0.2");
            assertThat(other.getPort()).isNotEqualTo(primary.getPort());
            for (boolean host : new boolean[]{false, true}) {
                for (boolean port : new boolean[]{false, true}) {
                    InetSocketAddress expected = new InetSocketAddress(
                            host ? other.getAddress() : primary.getAddress(),
                            port ? other.getPort() : primary.getPort());

                    Heard heard = ask(client, client, primary, new ChangeRequest(host, port));

                    assertThat(heard.from).isEqualTo(expected);
                    assertThat(heard.frame.get(ResponseOrigin.class).orElseThrow().address()).isEqualTo(expected);
                    assertThat(heard.frame.get(XorMappedAddress.class).orElseThrow().address()).isEqualTo(self);
                }
            }
            // Seen from the far corner, this one is the other.
            Heard far = ask(client, client, other, new ChangeRequest(true, true));
            assertThat(far.from).isEqualTo(primary);
            assertThat(far.frame.get(OtherAddress.class).orElseThrow().address()).isEqualTo(primary);
        }
    }

    @ParameterizedTest
    @MethodSource("io.turnpike.node.Engines#all")
    void answersToAnotherPortAndPadsWhatWasPadded(String engine) throws Exception {
        InetSocketAddress primary = start(engine);
        DatagramSocket asking = client();
        DatagramSocket listening = client();

        Heard moved = ask(asking, listening, primary, new ResponsePort(listening.getLocalPort()));
        assertThat(moved.frame.get(XorMappedAddress.class).orElseThrow().address())
                .isEqualTo(asking.getLocalSocketAddress());
        assertThat(ask(asking, asking, primary, new Padding(1500)).frame.get(Padding.class).orElseThrow().bytes())
                .isEqualTo(1500);
    }

    @Test
    void stunclientFindsTheFourSockets() throws Exception {
        InetSocketAddress primary = start("auto");
        int otherPort = otherOf(primary).getPort();

        String output = run("turnutils_stunclient", "-p", Integer.toString(primary.getPort()), "127.0.0.1");

        assertThat(output).contains("RFC 5780 response 1", "RFC 5780 response 2", "RFC 5780 response 3")
                .contains("Response origin: : 127.0.0.1:" + primary.getPort())
                .contains("Other addr: : 127.0.0.2:" + otherPort)
                .contains("Response origin: : 127.0.0.2:" + otherPort)
                .doesNotContain("STUN receive timeout", "error");
    }

    @Test
    void natdiscoveryFindsNoNatOnLoopback() throws Exception {
        InetSocketAddress primary = start("auto");
        String port = Integer.toString(primary.getPort());

        // With a local address, without which the tool cannot see that nothing translates.
        String output = run("turnutils_natdiscovery", "-m", "-f", "-L", "127.0.0.1", "-p", port, "127.0.0.1");

        assertThat(output).contains("NAT with Endpoint Independent Filtering!").doesNotContain("receive timeout");
        assertThat(output).containsAnyOf("No NAT", "NAT with Endpoint Independent Mapping!");
    }

    @Test
    void natdiscoveryPassesWithPaddingToo() throws Exception {
        InetSocketAddress primary = start("auto");

        String output = run("turnutils_natdiscovery", "-f", "-P", "-p", Integer.toString(primary.getPort()),
                "127.0.0.1");

        assertThat(output).contains("NAT with Endpoint Independent Filtering!").doesNotContain("receive timeout");
    }

    private InetSocketAddress start(String engine) throws IOException {
        RelayNode node = RelayNode.start(RelayConfig.load(ConfigFactory.parseString("""
                node { id = n1, data-dir = "%s" }
                transport = %s
                event-loops = 2
                kafka.enabled = false
                quota.default.mode = OFF
                admin { host = "127.0.0.1", port = 0 }
                listeners = [
                  { transport = udp, host = "127.0.0.1", port = 0, alternate-host = "127.0.0.2", alternate-port = 0 }
                ]
                """.formatted(dataDir, engine))));
        open.add(node);
        assertThat(node.listeners()).hasSize(1);
        return node.listeners().get(0).address();
    }

    private InetSocketAddress otherOf(InetSocketAddress primary) throws IOException {
        DatagramSocket client = client();
        return ask(client, client, primary).frame.get(OtherAddress.class).orElseThrow().address();
    }

    private DatagramSocket client() throws IOException {
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress("127.0.0.1", 0));
        socket.setSoTimeout(LONG_ENOUGH_MILLIS);
        open.add(socket);
        return socket;
    }

    private static Heard ask(DatagramSocket asking, DatagramSocket listening, InetSocketAddress server,
            StunAttribute... attributes) throws IOException {
        ByteBuf message = Unpooled.buffer();
        StunMessageBuilder builder = new StunMessageBuilder().begin(message, StunMethod.BINDING, StunClass.REQUEST,
                new TransactionId(1, System.nanoTime()));
        for (StunAttribute attribute : attributes) {
            builder.add(attribute);
        }
        byte[] bytes = ByteBufUtil.getBytes(message);
        asking.send(new DatagramPacket(bytes, bytes.length, server));
        DatagramPacket answer = new DatagramPacket(new byte[4_096], 4_096);
        listening.receive(answer);
        StunFrame frame = new StunFrame();
        assertThat(frame.wrap(Unpooled.copiedBuffer(answer.getData(), 0, answer.getLength())))
                .isEqualTo(Malformed.NONE);
        assertThat(frame.messageClass()).isEqualTo(StunClass.SUCCESS_RESPONSE);
        return new Heard(frame, (InetSocketAddress) answer.getSocketAddress());
    }

    /** What a tool of Debian's package coturn prints. */
    private String run(String... command) throws Exception {
        Path output = Files.createTempFile(dataDir, "tool", ".txt");
        Process tool = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        boolean ended = tool.waitFor(LONG_ENOUGH_MILLIS, TimeUnit.MILLISECONDS);
        tool.destroyForcibly();
        String text = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(ended).as("%s has ended, and said: %s", String.join(" ", command), text).isTrue();
        return text;
    }
}
