package io.turnpike.node.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.turnpike.node.config.RelayConfig.ListenerTransport;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ListenerTest {
    @Test
    void leavesNothingOpenWhereTheOperatingSystemGivesNoFurtherSocket() {
        ListenerAddress wanted = new ListenerAddress("listeners[0]", ListenerTransport.UDP,
                new InetSocketAddress("127.0.0.1", 0), false, List.of(), Optional.empty());
        List<Channel> bound = new ArrayList<>();
        try (RelayLoops loops = new RelayLoops(SocketEngine.choose("epoll"), 2, "listener", 0)) {
            assertThatThrownBy(() -> Listener.open(loops, wanted, (loop, address) -> {
                ChannelFuture future = new Bootstrap().group(loop.eventLoop()).channelFactory(() -> {
                    if (bound.size() == 1) {
                        throw new ChannelException("too many open files");
                    }
                    return loops.engine().datagramChannel(address.getAddress());
                }).handler(new ChannelInboundHandlerAdapter()).bind(address);
                bound.add(future.channel());
                return future;
            })).isInstanceOf(ListenerBindException.class).hasMessageContaining("listeners[0]");

            assertThat(bound).hasSize(2);
            assertThat(bound.get(0).isOpen()).isFalse();
        }
    }
}
