package io.turnpike.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.usage.DropCounts;
import io.turnpike.node.usage.DropReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UdpClientLegTest {
    private static final int ANSWER_BYTES = 120;

    @Test
    void dropsAnswersThatTheNetworkDoesNotTakeInsteadOfKeepingThem() {
        EmbeddedChannel channel = new EmbeddedChannel(new ChannelOutboundHandlerAdapter() {
            @Override
            public void flush(ChannelHandlerContext ctx) {} // the socket's buffer is full
        });
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(2048, 4096));
        DropCounts drops = new DropCounts();
        UdpClientLeg leg = new UdpClientLeg(new FiveTuple(ClientTransport.UDP, FakeSockets.address("192.0.2.1", 1),
                FakeSockets.address("192.0.2.2", 3478)),
                NettyUdpSocket.over(new RelayLoop(0, channel.eventLoop()), channel), Optional.empty(), drops,
                Optional.empty());
        List<ByteBuf> answers = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            ByteBuf answer = Unpooled.buffer(ANSWER_BYTES).writeZero(ANSWER_BYTES);
            answers.add(answer);
            leg.sendControl(answer);
        }

        long kept = answers.stream().filter(answer -> answer.refCnt() > 0).count();
        assertThat(kept * ANSWER_BYTES).isLessThanOrEqualTo(4096 + ANSWER_BYTES);
        assertThat(drops.get(DropReason.CLIENT_QUEUE_FULL)).isEqualTo(1000 - kept);
        channel.close();
        assertThat(answers).allMatch(answer -> answer.refCnt() == 0);
    }
}
