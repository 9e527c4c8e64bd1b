package io.turnpike.node.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.turn.OneLoop;
import io.turnpike.node.turn.TestClient;
import java.net.InetSocketAddress;

/** Clients whose data is relayed, and the peers that it is for. */
final class RelayBench {
    static final InetSocketAddress PEER = FakeSockets.address("198.41.0.10", 7000);
    static final InetSocketAddress OTHER = FakeSockets.address("198.41.0.11", 7000);
    /** What is relayed. */
    static final byte[] HELLO = {1, 2, 3, 4, 5};

    private RelayBench() {}

    /** A client with an allocation, on datagrams. */
    static TestClient udp(OneLoop loop) {
        return allocated(loop.client("al"));
    }

    /** A client with an allocation, on a stream. */
    static TestClient tcp(OneLoop loop) {
        return allocated(loop.streamClient("al"));
    }

    private static TestClient allocated(TestClient client) {
        assertThat(client.allocate().isSuccess()).isTrue();
        return client;
    }

    /** The relay socket of the first allocation. */
    static FakeSockets.Socket socket(OneLoop loop) {
        return loop.sockets.open().get(0);
    }
}
