package io.turnpike.node.relay;

import static io.turnpike.node.relay.RelayBench.HELLO;
import static io.turnpike.node.relay.RelayBench.OTHER;
import static io.turnpike.node.relay.RelayBench.PEER;
import static io.turnpike.node.relay.RelayBench.socket;
import static io.turnpike.node.relay.RelayBench.tcp;
import static io.turnpike.node.relay.RelayBench.udp;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.event.DirectionCount;
import io.turnpike.node.turn.OneLoop;
import io.turnpike.node.turn.TestClient;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.Malformed;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMethod;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A peer's data on its way to a client, by RFC 8656 sections 11.3 and 12: what passes, as what, and what is dropped. */
class PeerToClientTest {
    private final OneLoop loop = new OneLoop();

    @Test
    void relaysPeerDataAsAnIndicationWithoutAChannel() {
        TestClient client = udp(loop);
        client.permit(PEER);
        socket(loop).receive(PEER, HELLO);

        byte[] message = client.leg().data().get(0);
        StunFrame frame = new StunFrame();
        assertThat(frame.wrap(Unpooled.wrappedBuffer(message))).isEqualTo(Malformed.NONE);
        assertThat(frame.method()).isEqualTo(StunMethod.DATA);
        assertThat(frame.peerAddress()).isEqualTo(PEER);
        assertThat(frame.dataBytes()).isEqualTo(5);
        assertThat(client.allocation().usage().relayToClient()).isEqualTo(new DirectionCount(message.length, 5, 1));
        assertThat(client.allocation().usage().peerToRelay()).isEqualTo(new DirectionCount(5, 5, 1));
    }

    @Test
    void relaysPeerDataOnItsChannelUnpaddedToDatagrams() {
        TestClient client = udp(loop);
        client.bind(0x4001, PEER);
        socket(loop).receive(PEER, HELLO);

        assertThat(client.leg().data().get(0)).containsExactly(0x40, 0x01, 0, 5, 1, 2, 3, 4, 5);
    }

    @Test
    void padsChannelDataToStreamsAndCountsThePadding() {
        TestClient client = tcp(loop);
        client.bind(0x4001, PEER);
        socket(loop).receive(PEER, HELLO);

        assertThat(client.leg().data().get(0)).containsExactly(0x40, 0x01, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0);
        assertThat(client.allocation().usage().relayToClient()).isEqualTo(new DirectionCount(12, 5, 1));
    }

    @Test
    void dropsPeerDataWithoutPermissionAlsoOnABoundChannel() {
        TestClient client = udp(loop);
        socket(loop).receive(OTHER, HELLO);
        client.bind(0x4001, PEER);
        loop.time.advance(Duration.ofSeconds(301));
        socket(loop).receive(PEER, HELLO);

        assertThat(client.allocation().channel(0x4001)).isNotNull();
        assertThat(client.leg().data()).isEmpty();
        assertThat(loop.dropped(DropReason.PEER_WITHOUT_PERMISSION)).isEqualTo(2);
    }

    @Test
    void judgesEachPacketOfABurstByItselfWhenAPermissionRunsOutInIt() {
        TestClient client = udp(loop);
        client.permit(PEER);
        loop.time.advance(Duration.ofSeconds(200));
        client.bind(0x4001, OTHER);
        loop.time.advance(Duration.ofSeconds(100).minusMillis(3));
        for (int i = 0; i < 6; i++) {
            client.send(PEER, HELLO);
            client.sendChannelData(0x4001, HELLO);
            socket(loop).receive(PEER, HELLO);
            socket(loop).receive(OTHER, HELLO);
            loop.time.advance(Duration.ofMillis(1));
        }

        assertThat(loop.sockets.sent()).extracting(FakeSockets.Sent::to).containsExactly(PEER, OTHER, PEER, OTHER, PEER,
                OTHER, OTHER, OTHER, OTHER);
        assertThat(client.leg().data()).hasSize(3 + 6);
        assertThat(loop.dropped(DropReason.CLIENT_WITHOUT_PERMISSION)).isEqualTo(3);
        assertThat(loop.dropped(DropReason.PEER_WITHOUT_PERMISSION)).isEqualTo(3);
        assertThat(client.allocation().usage().packets()).isEqualTo(18);
    }

    @Test
    void relaysFromAnyPortOfAPermittedAddress() {
        TestClient client = udp(loop);
        client.permit(PEER);
        socket(loop).receive(FakeSockets.address("198.41.0.10", 9), HELLO);

        assertThat(client.leg().data()).hasSize(1);
    }

    @Test
    void dropsPeerDataThatNoMessageCanCarry() {
        TestClient client = udp(loop);
        client.permit(PEER);
        socket(loop).receive(PEER, new byte[65_500]);

        assertThat(client.leg().data()).isEmpty();
        assertThat(loop.dropped(DropReason.OVERSIZED)).isOne();
    }

    @Test
    void countsWhatTheClientsSocketRefusesAsADropOnly() {
        TestClient client = udp(loop);
        client.permit(PEER);
        client.leg().refuse(DropReason.CLIENT_QUEUE_FULL);
        socket(loop).receive(PEER, HELLO);

        assertThat(client.allocation().usage().packets()).isZero();
        assertThat(client.allocation().usage().dropsByLabel()).containsEntry("client_queue_full", 1L);
    }
}
