package io.turnpike.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.turnpike.node.allocation.Delivery;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.TransportAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

class NettyUdpSocketTest {
    private static final TransportAddress PEER = TransportAddress.of(new InetSocketAddress("192.0.2.1", 7));

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final UdpSocket socket = NettyUdpSocket.over(new RelayLoop(0, channel.eventLoop()), channel);

    @Test
    void keepsNoReceiveBufferAliveForASmallDatagramThatWaitsToBeSent() {
        ByteBuf received = Unpooled.buffer(65_536).writeInt(1).writeInt(2);

        DatagramPacket sent = send(Unpooled.EMPTY_BUFFER, received, 4, 4, 0);

        assertThat(received.refCnt()).isOne();
        assertThat(sent.content().capacity()).isLessThan(1024);
        assertThat(sent.content().readInt()).isEqualTo(2);
        sent.release();
        received.release();
    }

    @Test
    void putsADatagramTogetherFromItsParts() {
        ByteBuf head = Unpooled.buffer().writeByte(1);
        ByteBuf payload = Unpooled.buffer().writeByte(2).writeByte(3).writeByte(4);

        DatagramPacket sent = send(head, payload, 1, 1, 2);

        assertThat(sent.content()).isEqualTo(Unpooled.wrappedBuffer(new byte[]{1, 3, 0, 0}));
        assertThat(sent.recipient()).isEqualTo(PEER.socketAddress());
        sent.release();
        assertThat(payload.release()).isTrue();
        assertThat(head.release()).isTrue();
    }

    private DatagramPacket send(ByteBuf head, ByteBuf payload, int index, int bytes, int padding) {
        socket.send(head, payload, index, bytes, padding, PEER, bytes, bytes, new Delivery() {
            @Override
            public void delivered(int clientWireBytes, int payloadBytes) {}

            @Override
            public void refused(int clientWireBytes, int payloadBytes, DropReason reason) {}
        }, DropReason.PEER_SEND_FAILED);
        socket.flush();
        return channel.readOutbound();
    }
}
