package io.turnpike.node.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.ChannelException;
import io.turnpike.node.config.RelayConfig.ListenerTransport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ListenerTest {
    @Test
    void leavesNothingOpenWhereTheOperatingSystemGivesNoFurtherSocket() {
        ListenerAddress wanted = new ListenerAddress("listeners[0]", ListenerTransport.UDP,
                new InetSocketAddress("127.0.0.1", 0), false, List.of(), Optional.empty());
        List<UdpSocket> bound = new ArrayList<>();
        AtomicInteger closed = new AtomicInteger();
        try (RelayLoops loops = new RelayLoops(SocketEngine.choose("epoll"), 2, "listener", 0)) {
            assertThatThrownBy(
                    () -> Listener.open(loops, wanted, (loop, address) -> CompletableFuture.supplyAsync(() -> {
                        if (bound.size() == 1) {
                            throw new ChannelException("too many open files");
                        }
                        bound.add(open(loops, loop, address));
                        return new Listener.Binding(bound.get(0).localAddress(),
                                () -> CompletableFuture.runAsync(() -> {
                                    bound.get(0).close();
                                    closed.incrementAndGet();
                                }, loop));
                    }, loop))).isInstanceOf(ListenerBindException.class).hasMessageContaining("listeners[0]");

            assertThat(bound).hasSize(1);
            assertThat(closed).hasValue(1);
        }
    }

    private static UdpSocket open(RelayLoops loops, RelayLoop loop, InetSocketAddress address) {
        try {
            return loops.engine().udpSocket(loop, address, new UdpSocket.Options(0, 65_536, true, 0, false),
                    (datagram, source) -> {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
