package io.turnpike.node.turn;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.allocation.FakeStream;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.ConnectionId;
import io.turnpike.stun.Malformed;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMethod;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Connections that peers make to a relayed transport address (RFC 6062 section 5.3). */
class TcpConnectionAttemptTest extends TcpAllocationBench {
    /** Trap 29: an unpermitted peer is closed at once, and the client hears nothing. */
    @Test
    void trap29LetsInOnlyPeersWithAPermission() {
        allocate(client);
        assertThat(listener().connects(PEER)).isNull();
        assertThat(client.answer()).isNull();
        assertThat(loop.dropped(DropReason.PEER_WITHOUT_PERMISSION)).isOne();
        client.permit(PEER);

        FakeStream peer = listener().connects(OTHER_PEER);

        StunFrame indication = new StunFrame();
        assertThat(indication.wrap(Unpooled.wrappedBuffer(client.leg().nextControl()))).isEqualTo(Malformed.NONE);
        assertThat(indication.method()).isEqualTo(StunMethod.CONNECTION_ATTEMPT);
        assertThat(indication.messageClass()).isEqualTo(StunClass.INDICATION);
        assertThat(indication.peerAddress()).isEqualTo(OTHER_PEER);
        lastId = indication.get(ConnectionId.class).orElseThrow().id();
        FakeStream data = bound();
        peer.receive(bytes(5));
        assertThat(data.sent()).hasSize(5);

        loop.pass(Duration.ofSeconds(300));
        assertThat(listener().connects(PEER)).isNull();
        // The permission was for getting in: what is in stays (RFC 6062 section 5.5).
        peer.receive(bytes(5));
        assertThat(data.sent()).hasSize(10);
    }

    @Test
    void asksThePeerPolicyOfWhoConnects() {
        allocate(client);
        client.permit(PEER);
        loop.peerPolicy.denyServices(List.of(OTHER_PEER));

        assertThat(listener().connects(OTHER_PEER)).isNull();
        assertThat(loop.dropped(DropReason.PEER_DENIED)).isOne();
    }

    @Test
    void boundsTheConnectionsOfAnAllocation() {
        allocate(client);
        client.permit(PEER);
        for (int port = 1; port <= 4; port++) {
            assertThat(listener().connects(FakeSockets.address("198.41.0.10", port))).isNotNull();
            client.leg().nextControl();
        }

        assertThat(listener().connects(FakeSockets.address("198.41.0.10", 5))).isNull();
        assertThat(loop.dropped(DropReason.TOO_MANY_PEER_CONNECTIONS)).isOne();
        assertRefused(508, connect(PEER));
    }

    @Test
    void dropsAConnectionAttemptFromAClient() {
        client.indicate(StunMethod.CONNECTION_ATTEMPT);

        assertThat(client.answer()).isNull();
        assertThat(loop.dropped(DropReason.UNEXPECTED_METHOD)).isOne();
    }
}
