package io.turnpike.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.config.RelayConfig;
import io.turnpike.node.transport.dtls.DtlsServer;
import io.turnpike.node.transport.dtls.HelloDesk;
import io.turnpike.node.transport.dtls.Hellos;
import io.turnpike.node.transport.tls.Certificates;
import io.turnpike.node.turn.AnswerBudget;
import io.turnpike.node.turn.OneLoop;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.TransportAddress;
import io.turnpike.testing.TestAuthority;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What strangers get out of DTLS before they have shown a cookie. */
class DtlsAssociationsTest {
    private static final int SPOOFED = Integer.getInteger("turnpike.hellos", 200_000);

    private final OneLoop loop = new OneLoop();
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final RelayLoop relayLoop = new RelayLoop(0, channel.eventLoop());
    @TempDir
    private Path folder;
    private DtlsServer server;
    private DtlsListening listening;

    @BeforeEach
    void open() throws Exception {
        TestAuthority.PemFiles pem = new TestAuthority(folder).issue("relay", "127.0.0.1");
        RelayConfig config = config(pem, "");
        server = new DtlsServer(new Certificates(config.tls()), config.dtls(), config.tls().handshakeTimeout(), "dtls");
        listening = listening(config);
    }

    @AfterEach
    void close() {
        listening.close();
        channel.close();
    }

    @Test
    void keepsNothingForSpoofedHellos() throws Exception {
        DtlsAssociations associations = associations(listening);
        ByteBuf hello = Unpooled.wrappedBuffer(Hellos.first(Hellos.random(1)));
        byte[] guessed = Hellos.second(Hellos.random(2), new byte[16]);
        long answered = 0;

        for (int i = 0; i < SPOOFED; i++) {
            ByteBuf datagram = i % 2 == 0 ? hello : Unpooled.wrappedBuffer(guessed);
            associations.receive(datagram, TransportAddress.of(spoofed(i)));
            if (i % 100 == 0) {
                answered += answers();
            }
        }
        answered += answers();

        assertThat(answered).isEqualTo(SPOOFED);
        assertThat(associations.size()).isZero();
        assertThat(listening.newcomers().size()).isZero();
        assertThat(server.handshakes()).isZero();
    }

    @Test
    void answersNoMoreThanItsBudget() throws Exception {
        DtlsListening thrifty = listening(config(null, "answers.challenges-per-prefix = 10"));
        DtlsAssociations associations = associations(thrifty);
        ByteBuf hello = Unpooled.wrappedBuffer(Hellos.first(Hellos.random(1)));
        for (int i = 0; i < 1_000; i++) {
            associations.receive(hello, TransportAddress.of(FakeSockets.address("192.0.2.1", 1 + i)));
        }

        long answered = answers();
        assertThat(answered).isBetween(1L, 100L);
        assertThat(loop.dropped(DropReason.DTLS_HELLO_UNANSWERED)).isEqualTo(1_000 - answered);
    }

    @Test
    void keepsNothingForFragmentsThatComeBeforeTheCookie() throws Exception {
        DtlsAssociations associations = associations(listening);
        for (byte[] fragment : Hellos.fragments(Hellos.random(1), new byte[16], 60)) {
            associations.receive(Unpooled.wrappedBuffer(fragment), TransportAddress.of(spoofed(7)));
        }

        assertThat(answers()).isOne();
        assertThat(associations.size()).isZero();
        assertThat(loop.dropped(DropReason.DTLS_UNKNOWN_ASSOCIATION)).isOne();
    }

    private DtlsListening listening(RelayConfig config) {
        return new DtlsListening(server, config.dtls(), new AnswerBudget(config.answers(), System::nanoTime),
                name -> Optional.empty());
    }

    private DtlsAssociations associations(DtlsListening shared) {
        return new DtlsAssociations(
                new ClientMessages(loop.allocations, loop.turn, loop.clientToPeer, loop.drops),
                NettyUdpSocket.over(relayLoop, channel), FakeSockets.address("198.51.100.1", 5_349), Optional.empty(),
                shared);
    }

    /** How many HelloVerifyRequests have gone out since the last call. */
    private long answers() {
        channel.runPendingTasks();
        channel.flushOutbound();
        long count = 0;
        for (DatagramPacket packet = channel.readOutbound(); packet != null; packet = channel.readOutbound()) {
            assertThat(packet.content().readableBytes()).isEqualTo(HelloDesk.ANSWER_BYTES);
            packet.release();
            count++;
        }
        return count;
    }

    /** As many networks as there are packets, so that no budget of one of them is asked too often. */
    private static InetSocketAddress spoofed(int i) throws UnknownHostException {
        byte[] address = ByteBuffer.allocate(4).putInt(0x0B00_0000 + (i << 8)).array();
        return new InetSocketAddress(InetAddress.getByAddress(address), 1 + i % 60_000);
    }

    private RelayConfig config(TestAuthority.PemFiles pem, String overrides) {
        String tls = pem == null
                ? ""
                : "tls { certificate = \"" + pem.certificate() + "\", private-key = \"" + pem.privateKey() + "\" }\n";
        return RelayConfig.load(ConfigFactory.parseString(overrides).withFallback(ConfigFactory.parseString(tls + """
                node { id = n1, data-dir = "." }
                default-tenant = demo
                kafka.enabled = false
                quota.default.mode = OFF
                relay.ipv4 = "127.0.0.1"
                answers { challenges-per-prefix = 10000000, challenges-total = 100000000 }
                """)));
    }
}
