package io.turnpike.node.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.epoll.LinuxSocket;
import io.turnpike.node.allocation.Delivery;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.TransportAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** A socket of Linux's own calls on a loop of its own, over loopback. */
@EnabledIf(value = "io.turnpike.node.Engines#haveLinux", disabledReason = "the engine linux does not work here")
class LinuxUdpSocketTest {
    private static final int IPPROTO_IP = 0;
    private static final int IP_TOS = 1;
    private static final int IP_MTU_DISCOVER = 10;
    private static final int PMTUDISC_DONT = 0;
    private static final int PMTUDISC_DO = 2;
    private static final int UDP_SEGMENT = 103;
    private static final int EXPEDITED_FORWARDING = 46 << 2;
    private static final int NO_OPTION = 9_999;
    private static final UdpSocket.Options OPTIONS = new UdpSocket.Options(0, 65_536, false, 0, true);

    private final List<Integer> received = new CopyOnWriteArrayList<>();
    private final List<String> fates = new CopyOnWriteArrayList<>();
    private RelayLoops loops;
    private RelayLoop loop;
    private UdpSocket receiver;

    @BeforeEach
    void open() {
        loops = new RelayLoops(SocketEngine.choose("linux"), 1, "linux-socket", 0);
        loop = loops.all().get(0);
        receiver = onLoop(() -> socket((datagram, source) -> received.add(datagram.readableBytes())));
    }

    @AfterEach
    void close() {
        loops.close();
    }

    @Test
    void changesTheDfBitBetweenDatagramsOfOneTurn() {
        onLoop(() -> {
            UdpSocket socket = socket((datagram, source) -> {});
            for (int i = 0; i < 6; i++) {
                assertThat(socket.dontFragment(i % 3 == 1)).isTrue();
                send(socket, 10 + i, bytes -> fates.add(discovery(socket) + " " + bytes));
            }
            return socket;
        });

        await().until(() -> received.size() == 6);
        assertThat(received).containsExactly(10, 11, 12, 13, 14, 15);
        assertThat(fates).containsExactly(PMTUDISC_DONT + " 10", PMTUDISC_DO + " 11", PMTUDISC_DONT + " 12",
                PMTUDISC_DONT + " 13", PMTUDISC_DO + " 14", PMTUDISC_DONT + " 15");
    }

    @Test
    void marksDatagramsWithTheConfiguredTrafficClass() {
        UdpSocket.Options marked = new UdpSocket.Options(0, 65_536, false, EXPEDITED_FORWARDING, true);
        for (UdpSocket.Options options : List.of(OPTIONS, marked)) {
            UdpSocket opened = onLoop(() -> socket(options, (datagram, source) -> {}));

            assertThat(option(opened, IP_TOS)).isEqualTo(options.trafficClass());
        }
    }

    @Test
    void asksTheKernelWhetherItSendsBursts() {
        assertThat(LinuxUdpSocket.knowsOption(UDP_SEGMENT)).isTrue();
        assertThat(LinuxUdpSocket.obstacle()).isEmpty();
        assertThat(LinuxUdpSocket.knowsOption(NO_OPTION)).isFalse();
    }

    private static int discovery(UdpSocket socket) {
        return option(socket, IP_MTU_DISCOVER);
    }

    private static int option(UdpSocket socket, int option) {
        try {
            return ((LinuxSocket) ((LinuxUdpSocket) socket).fd()).getIntOpt(IPPROTO_IP, option);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void refusesWhatIsSentWhileItClosesAndAfterwards() {
        ByteBuf answer = Unpooled.directBuffer().writeInt(1);
        onLoop(() -> {
            UdpSocket socket = socket((datagram, source) -> {});
            send(socket, 10, bytes -> send(socket, 20, more -> fates.add("sent " + more)));
            socket.close();
            // Its number goes to the next socket, on which nothing of the old one may leave.
            UdpSocket next = socket((datagram, source) -> {});
            send(socket, 30, bytes -> fates.add("sent " + bytes));
            socket.sendControl(answer, address());
            assertThat(socket.dontFragment(true)).isTrue();
            assertThat(discovery(next)).isNotEqualTo(PMTUDISC_DO);
            assertThat(next.dontFragment(false)).isTrue();
            assertThat(discovery(next)).isEqualTo(PMTUDISC_DONT);
            socket.close();
            return next;
        });

        await().until(() -> received.size() == 1);
        onLoop(() -> receiver);
        assertThat(received).containsExactly(10);
        assertThat(fates).containsExactly("refused 20", "refused 30");
        assertThat(answer.refCnt()).isZero();
    }

    @Test
    void hearsNothingMoreOnceItsReaderHasClosedIt() {
        CompletableFuture<UdpSocket> closing = new CompletableFuture<>();
        List<Integer> heard = new CopyOnWriteArrayList<>();
        closing.complete(onLoop(() -> socket((datagram, source) -> {
            heard.add(datagram.readableBytes());
            closing.join().close();
        })));
        onLoop(() -> {
            UdpSocket socket = socket((datagram, source) -> {});
            for (int i = 0; i < 5; i++) {
                ByteBuf payload = Unpooled.directBuffer().writeZero(10);
                socket.sendControl(payload, TransportAddress.of(closing.join().localAddress()));
                socket.sendControl(Unpooled.directBuffer().writeZero(10), address());
            }
            return socket;
        });

        await().until(() -> received.size() == 5);
        assertThat(heard).containsExactly(10);
    }

    private TransportAddress address() {
        return TransportAddress.of(receiver.localAddress());
    }

    private UdpSocket socket(UdpSocket.Receiver to) {
        return socket(OPTIONS, to);
    }

    private UdpSocket socket(UdpSocket.Options options, UdpSocket.Receiver to) {
        try {
            return LinuxUdpSocket.open(loop, new InetSocketAddress("127.0.0.1", 0), options, to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private <T> T onLoop(Supplier<T> action) {
        return CompletableFuture.supplyAsync(action, loop).join();
    }

    private void send(UdpSocket socket, int bytes, Consumer<Integer> delivered) {
        ByteBuf payload = Unpooled.directBuffer().writeZero(bytes);
        socket.send(Unpooled.EMPTY_BUFFER, payload, 0, bytes, 0, address(), bytes, bytes, new Delivery() {
            @Override
            public void delivered(int clientWireBytes, int payloadBytes) {
                delivered.accept(payloadBytes);
            }

            @Override
            public void refused(int clientWireBytes, int payloadBytes, DropReason reason) {
                fates.add("refused " + payloadBytes);
            }
        }, DropReason.PEER_SEND_FAILED);
        payload.release();
    }
}
