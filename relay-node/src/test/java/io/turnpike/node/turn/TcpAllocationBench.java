package io.turnpike.node.turn;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.netty.buffer.ByteBufUtil;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.allocation.FakeStream;
import io.turnpike.stun.ConnectionId;
import io.turnpike.stun.RequestedTransport;
import io.turnpike.stun.StunAttribute;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.XorPeerAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** RFC 6062 over fake sockets and a manual clock: a client on a stream, its peers, and what a test asks of them. */
abstract class TcpAllocationBench {
    static final InetSocketAddress PEER = FakeSockets.address("198.41.0.10", 5000);
    static final InetSocketAddress OTHER_PEER = FakeSockets.address("198.41.0.10", 5001);
    static final RequestedTransport TCP = new RequestedTransport(RequestedTransport.TCP);

    OneLoop loop = new OneLoop(ConfigFactory.parseString("tcp-allocations.max-connections = 4"));
    TestClient client = loop.streamClient("al");
    /** Of the connection that was made last. */
    int lastId;

    Answer allocate(TestClient asking, StunAttribute... more) {
        List<StunAttribute> attributes = new ArrayList<>(List.of(TCP));
        attributes.addAll(List.of(more));
        return asking.request(StunMethod.ALLOCATE, attributes.toArray(StunAttribute[]::new));
    }

    FakeSockets.Listener listener() {
        return loop.sockets.listening().get(0);
    }

    Answer connect(InetSocketAddress peer) {
        return client.request(StunMethod.CONNECT, new XorPeerAddress(peer));
    }

    /** A connection to a peer that waits for its ConnectionBind. */
    FakeStream connected(InetSocketAddress peer) {
        assertThat(connect(peer)).isNull();
        FakeStream stream = listener().connecting().get(peer);
        stream.opens();
        Answer answer = client.answer();
        assertThat(answer.isSigned()).isTrue();
        lastId = answer.attribute(ConnectionId.class).id();
        return stream;
    }

    static Answer bind(TestClient asking, int id) {
        return asking.request(StunMethod.CONNECTION_BIND, new ConnectionId(id));
    }

    /** The client's side of the last connection. */
    FakeStream bound() {
        TestClient data = loop.streamClient("al");
        assertThat(bind(data, lastId).isSuccess()).isTrue();
        return data.leg().raw();
    }

    static void assertRefused(int code, Answer answer) {
        assertThat(answer.error()).isEqualTo(code);
        assertThat(answer.isSigned()).as("signed").isTrue();
    }

    static byte[] bytes(int count) {
        return ByteBufUtil.decodeHexDump("ab".repeat(count));
    }
}
