package io.turnpike.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What the operating system is told about the datagrams of a relay socket (RFC 8656 sections 11.2 and 18.9). */
@EnabledOnOs(OS.LINUX)
class RelaySocketOptionsTest {
    private static final int EXPEDITED_FORWARDING = 46 << 2;
    private static final int PMTUDISC_DONT = 0;
    private static final int PMTUDISC_DO = 2;

    @BeforeAll
    static void loadTheNativeTransport() {
        assertThat(Epoll.isAvailable()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 0, 10", "::1, 41, 23"})
    void setsTheDfBitOfEpollSocketsInBothFamilies(String host, int level, int option) throws Exception {
        IntegerUnixChannelOption discover = new IntegerUnixChannelOption("MTU_DISCOVER", level, option);
        RelayChannel opened = SocketEngine.EPOLL.relayChannel(InetAddress.getByName(host));
        try {
            opened.fragments().forbid(true);
            assertThat(opened.channel().config().getOption(discover)).isEqualTo(PMTUDISC_DO);
            opened.fragments().forbid(false);
            assertThat(opened.channel().config().getOption(discover)).isEqualTo(PMTUDISC_DONT);
        } finally {
            opened.channel().unsafe().closeForcibly();
        }
    }

    @Test
    void offersTheDfBitOnNioWhereTheJdkHasIt() throws Exception {
        boolean has = Runtime.version().feature() >= 19;

        assertThat(SocketEngine.NIO.canSetDontFragment()).isEqualTo(has);
        RelayChannel opened = SocketEngine.NIO.relayChannel(InetAddress.getByName("127.0.0.1"));
        opened.fragments().forbid(true);
        opened.channel().unsafe().closeForcibly();
    }

    @ParameterizedTest
    @EnumSource(SocketEngine.class)
    void marksDatagramsAsConfiguredAndLetsThemBeFragmented(SocketEngine engine) throws Exception {
        try (RelayLoops loops = new RelayLoops(engine, 1, "options", 0)) {
            RelayLoop loop = loops.all().get(0);
            CompletableFuture.runAsync(() -> {
                try {
                    NettyUdpSocket socket = NettyUdpSocket.open(engine, loop, new InetSocketAddress("127.0.0.1", 0),
                            new UdpSocket.Options(0, 65_536, false, EXPEDITED_FORWARDING, true), (data, from) -> {});
                    assertThat(socket.channel().config().getOption(ChannelOption.IP_TOS))
                            .isEqualTo(EXPEDITED_FORWARDING);
                    if (engine == SocketEngine.EPOLL) {
                        // Not Linux's own default, which sets the bit whenever a datagram fits.
                        assertThat(socket.channel().config()
                                .getOption(new IntegerUnixChannelOption("MTU_DISCOVER", 0, 10)))
                                .isEqualTo(PMTUDISC_DONT);
                    }
                    socket.close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }, loop).join();
        }
    }
}
