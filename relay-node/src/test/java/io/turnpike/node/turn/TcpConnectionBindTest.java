package io.turnpike.node.turn;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.node.allocation.ConnectionIds;
import io.turnpike.node.allocation.FakeStream;
import io.turnpike.node.allocation.LoopSiblings;
import io.turnpike.stun.StunMethod;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;

/** How a peer's connection gets the client's side of it (RFC 6062 section 5.4), and what waits until then. */
class TcpConnectionBindTest extends TcpAllocationBench {
    /** Trap 29: a connection that nobody binds is closed after 30 s. */
    @Test
    void trap29ClosesAConnectionThatIsNotBoundInTime() {
        allocate(client);
        FakeStream peer = connected(PEER);
        int id = lastId;
        loop.pass(Duration.ofMillis(29_900));
        assertThat(peer.isOpen()).isTrue();
        loop.pass(Duration.ofMillis(300));
        assertThat(peer.isOpen()).isFalse();
        TestClient late = loop.streamClient("al");
        assertRefused(400, bind(late, id));
        assertThat(late.leg().isHeldBack()).isFalse();
    }

    /** Trap 29: only the same user, on a new connection, once. */
    @Test
    void trap29BindsForTheSameUserOnANewStreamOnce() {
        allocate(client);
        connected(PEER);
        assertRefused(400, bind(loop.client("al"), lastId));
        assertRefused(400, bind(client, lastId));
        assertRefused(441, bind(loop.streamClient("bo"), lastId));
        assertRefused(400, bind(loop.streamClient("al"), lastId + 1));
        assertRefused(400, loop.streamClient("al").request(StunMethod.CONNECTION_BIND));
        TestClient data = loop.streamClient("al");

        Answer answer = bind(data, lastId);

        assertThat(answer.isSuccess()).isTrue();
        assertThat(answer.isSigned()).isTrue();
        assertThat(data.leg().raw()).isNotNull();
        assertRefused(400, bind(loop.streamClient("al"), lastId));
    }

    @Test
    void doesNotReadAPeerBeforeItIsBound() {
        allocate(client);
        FakeStream peer = connected(PEER);
        assertThat(peer.isReading()).isFalse();

        bind(loop.streamClient("al"), lastId);
        assertThat(peer.isReading()).isTrue();
    }

    @Test
    void keepsWhatAPeerSentAndItsEndUntilItIsBound() {
        allocate(client);
        FakeStream peer = connected(PEER);
        peer.receive(bytes(7));
        peer.ends();
        assertThat(client.allocation().usage().packets()).isZero();

        FakeStream data = bound();

        assertThat(data.sent()).isEqualTo(bytes(7));
        assertThat(data.isFinished()).isTrue();
        assertThat(data.isOpen()).isTrue();
    }

    /** The ConnectionBind comes in on another event loop than the allocation's: it asks there, and the stream goes there. */
    @Test
    void bindsAConnectionThatCameInOnAnotherLoop() {
        LoopSiblings loops = new LoopSiblings(2);
        Deque<Runnable> tasks = new ArrayDeque<>();
        loop = new OneLoop(loops, 1, tasks::add);
        OneLoop other = new OneLoop(loops, 0, tasks::add);
        client = loop.streamClient("al");
        allocate(client);
        FakeStream peer = connected(PEER);
        assertThat(ConnectionIds.loopOf(lastId, 2)).isOne();
        TestClient data = other.streamClient("al");
        other.streamClient("bo");

        assertThat(bind(data, lastId)).isNull();
        assertThat(data.leg().isHeldBack()).isTrue();
        runAll(tasks);

        assertThat(data.answer().isSuccess()).isTrue();
        assertThat(data.leg().rawLoop()).isOne();
        data.leg().raw().receive(bytes(9));
        assertThat(peer.sent()).hasSize(9);
        assertThat(client.allocation().usage().packets()).isOne();

        TestClient late = other.streamClient("al");
        bind(late, lastId);
        runAll(tasks);
        assertRefused(400, late.answer());
        assertThat(late.leg().isHeldBack()).isFalse();
    }

    private static void runAll(Deque<Runnable> tasks) {
        while (!tasks.isEmpty()) {
            tasks.poll().run();
        }
    }
}
