package io.turnpike.node.turn;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.allocation.FakeStream;
import io.turnpike.node.event.EndReason;
import io.turnpike.stun.ConnectionId;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.XorPeerAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Connections to peers that a client asks for (RFC 6062 section 5.2). */
class TcpConnectTest extends TcpAllocationBench {
    @Test
    void checksAConnectInTheOrderOfTheSection() {
        assertRefused(437, connect(PEER));
        loop.client("al");
        TestClient udp = loop.streamClient("al");
        udp.allocate();
        assertRefused(403, udp.request(StunMethod.CONNECT, new XorPeerAddress(PEER)));
        allocate(client);
        assertRefused(400, client.request(StunMethod.CONNECT));
        assertRefused(400, connect(FakeSockets.address("198.41.0.10", 0)));
        assertRefused(443, connect(FakeSockets.address("2001:4860::9", 80)));
        assertRefused(403, connect(FakeSockets.address("127.0.0.1", 80)));
        assertRefused(403, connect(listener().relayedAddress()));
        client.becomes("bo", "secret");
        assertRefused(441, connect(PEER));
        assertThat(listener().connecting()).isEmpty();
    }

    /** Trap 29: 446 while the connection is made, waits, and is in use; not after its end. */
    @Test
    void trap29RefusesASecondConnectionToTheSamePeer() {
        allocate(client);
        assertThat(connect(PEER)).isNull();
        assertRefused(446, connect(PEER));
        listener().connecting().get(PEER).opens();
        int id = client.answer().attribute(ConnectionId.class).id();
        assertRefused(446, connect(PEER));
        TestClient data = loop.streamClient("al");
        assertThat(bind(data, id).isSuccess()).isTrue();
        assertRefused(446, connect(PEER));
        assertThat(connect(OTHER_PEER)).isNull();

        data.leg().raw().breaks();
        assertThat(connect(PEER)).isNull();
    }

    /** Trap 29: 447 when the attempt fails, and when nothing was heard for 30 s, not before. */
    @Test
    void trap29AnswersAFailedOrSilentPeer() {
        allocate(client);
        connect(PEER);
        listener().connecting().get(PEER).breaks();
        assertRefused(447, client.answer());

        connect(PEER);
        FakeStream silent = listener().connecting().get(PEER);
        loop.pass(Duration.ofMillis(29_900));
        assertThat(client.answer()).isNull();
        loop.pass(Duration.ofMillis(300));
        assertRefused(447, client.answer());
        assertThat(silent.isAborted()).isTrue();
        assertThat(loop.allocations.connections().size()).isZero();
    }

    @Test
    void answersAPendingConnectWhenItsAllocationEnds() {
        allocate(client);
        connect(PEER);
        FakeStream attempt = listener().connecting().get(PEER);

        loop.allocations.end(client.allocation(), EndReason.EXPIRED);

        assertRefused(447, client.answer());
        assertThat(attempt.isAborted()).isTrue();
    }

    @Test
    void drawsIdsThatTellNothingAboutEachOther() {
        allocate(client);
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            connected(FakeSockets.address("198.41.0.10", 6000 + i));
            ids.add(lastId);
        }
        assertThat(ids).doesNotHaveDuplicates();
        for (int i = 1; i < ids.size(); i++) {
            assertThat(Math.abs((long) ids.get(i) - ids.get(i - 1))).isGreaterThan(1000);
        }
    }
}
