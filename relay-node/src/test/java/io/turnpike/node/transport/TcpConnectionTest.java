package io.turnpike.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.turnpike.node.allocation.FakeLeg;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.config.RelayConfig.ListenerTransport;
import io.turnpike.node.config.StreamConfig;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.event.EndReason;
import io.turnpike.node.turn.OneLoop;
import io.turnpike.node.turn.TestClient;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TcpConnectionTest {
    private final OneLoop loop = new OneLoop();
    private final TestClient client = loop.streamClient("al");
    private final StreamService streams = new StreamService(new StreamConfig(2, 2, Duration.ofSeconds(10),
            Duration.ofSeconds(60), Duration.ofMillis(400), 262_144), Optional.empty());
    private final NetworkCap newcomers = streams.newcomers();
    private final Connection connection = open(client.leg());

    @AfterEach
    void leavesNobodyBehind() {
        connection.close();
        assertThat(newcomers.size()).isZero();
    }

    @Test
    void answersPipelinedRequestsAndKeepsAHalfOne() {
        byte[] binding = binding();
        ByteBuf stream = Unpooled.wrappedBuffer(binding, binding, binding).copy(0, 2 * binding.length + 7);

        connection.writeInbound(stream);
        assertThat(connection.outboundMessages()).hasSize(2);
        connection.writeInbound(Unpooled.copiedBuffer(binding, 7, binding.length - 7));
        assertThat(connection.outboundMessages()).hasSize(3);
        connection.releaseOutbound();
    }

    @Test
    void closesWhoeverTricklesItsFirstMessageForTenSeconds() {
        byte[] binding = binding();
        for (int second = 0; second < 9; second++) {
            connection.writeInbound(Unpooled.wrappedBuffer(new byte[]{binding[second]}));
            connection.pass(1);
            assertThat(connection.isActive()).isTrue();
        }
        connection.pass(1);
        assertThat(connection.isActive()).isFalse();
        assertThat(loop.dropped(DropReason.CONNECTION_TIMEOUT)).isOne();
    }

    @Test
    void closesWhoeverTricklesBytesForAMinute() {
        byte[] binding = binding();
        connection.writeInbound(Unpooled.wrappedBuffer(binding));
        for (int second = 0; second < 59; second++) {
            connection.writeInbound(Unpooled.wrappedBuffer(new byte[]{binding[second % binding.length]}));
            connection.releaseOutbound();
            connection.pass(1);
            assertThat(connection.isActive()).isTrue();
        }
        connection.pass(1);
        assertThat(connection.isActive()).isFalse();
        assertThat(loop.dropped(DropReason.CONNECTION_TIMEOUT)).isOne();
    }

    @Test
    void closesWhoeverOnlyAsksForItsAddressForAMinute() {
        for (int second = 0; second < 60; second++) {
            connection.writeInbound(Unpooled.wrappedBuffer(binding()));
            connection.releaseOutbound();
            connection.pass(1);
        }
        assertThat(connection.isActive()).isFalse();
    }

    @Test
    void keepsWhoeverHasAnAllocationAndClosesItAMinuteAfterItsEnd() {
        connection.writeInbound(Unpooled.wrappedBuffer(binding()));
        connection.releaseOutbound();
        client.allocate();
        connection.pass(3_000);
        assertThat(connection.isActive()).isTrue();
        assertThat(newcomers.size()).isZero();

        loop.allocations.end(client.allocation(), EndReason.CLIENT_RELEASED);
        connection.pass(60);
        assertThat(connection.isActive()).isFalse();
    }

    @Test
    void refusesANewcomersLongFrameBeforeItArrives() {
        connection.writeInbound(Unpooled.wrappedBuffer(new byte[]{0, 3, (byte) 0xFF, (byte) 0xFC}));

        assertThat(connection.isActive()).isFalse();
        assertThat(loop.dropped(DropReason.MALFORMED_STREAM)).isOne();
    }

    @Test
    void takesLongFramesOfAnAllocation() {
        client.allocate();
        connection.writeInbound(Unpooled.wrappedBuffer(new byte[]{0x40, 0, (byte) 0xFF, (byte) 0xFF}));

        assertThat(connection.isActive()).isTrue();
    }

    @Test
    void closesConnectionsBeyondTheBoundAtOnce() {
        Connection second = open(loop.streamClient("al").leg());
        Connection third = open(loop.streamClient("al").leg());
        assertThat(second.isActive()).isTrue();
        assertThat(third.isActive()).isFalse();
        assertThat(loop.dropped(DropReason.TOO_MANY_CONNECTIONS)).isOne();

        second.close();
        Connection fourth = open(loop.streamClient("al").leg());
        assertThat(fourth.isActive()).isTrue();
        fourth.close();
    }

    @Test
    void endsTheAllocationWithTheConnection() {
        client.allocate();
        connection.close();

        assertThat(loop.allocations.size()).isZero();
    }

    private Connection open(FakeLeg leg) {
        FiveTuple fiveTuple = leg.fiveTuple();
        assertThat(fiveTuple.transport()).isEqualTo(ClientTransport.TCP);
        return Connection.open(fiveTuple, loop, streams);
    }

    private static byte[] binding() {
        ByteBuf message = Unpooled.buffer();
        new StunMessageBuilder().begin(message, StunMethod.BINDING, StunClass.REQUEST, new TransactionId(1, 2));
        return ByteBufUtil.getBytes(message);
    }

    /** An accepted connection of a client, on a clock that the test moves. */
    private static final class Connection extends EmbeddedChannel {
        private final InetSocketAddress client;
        private final InetSocketAddress server;

        private Connection(FiveTuple fiveTuple) {
            super(false, false);
            client = fiveTuple.client();
            server = fiveTuple.server();
        }

        static Connection open(FiveTuple fiveTuple, OneLoop loop, StreamService streams) {
            Connection connection = new Connection(fiveTuple);
            try {
                connection.register();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            connection.freezeTime();
            connection.pipeline().addLast(new TcpConnection(new RelayLoop(0, connection.eventLoop()),
                    new ClientMessages(loop.allocations, loop.turn, loop.clientToPeer, loop.drops), streams,
                    new ListenerAddress("listeners[0]", ListenerTransport.TCP, fiveTuple.server(), false,
                            List.of(), Optional.empty())));
            connection.pipeline().fireChannelActive();
            return connection;
        }

        void pass(int seconds) {
            for (int i = 0; i < seconds; i++) {
                advanceTimeBy(1, TimeUnit.SECONDS);
                runPendingTasks();
            }
        }

        @Override
        protected SocketAddress remoteAddress0() {
            return client;
        }

        @Override
        protected SocketAddress localAddress0() {
            return server;
        }
    }
}
