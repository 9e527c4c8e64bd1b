package io.turnpike.node.turn;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.node.allocation.FakeStream;
import io.turnpike.node.event.AllocationEnded;
import io.turnpike.node.event.EndReason;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.StunMethod;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How connections that are bound together end: one direction, both, or all with their allocation. */
class TcpConnectionEndTest extends TcpAllocationBench {
    @Test
    void passesTheEndOfADirectionOnAfterItsLastBytes() {
        allocate(client);
        FakeStream peer = connected(PEER);
        FakeStream data = bound();
        peer.fill(true);
        data.receive(bytes(10));
        data.ends();
        assertThat(peer.isFinished()).isFalse();

        peer.fill(false);
        assertThat(peer.sent()).hasSize(10);
        assertThat(peer.isFinished()).isTrue();
        peer.receive(bytes(20));
        assertThat(data.sent()).hasSize(20);
        assertThat(data.isFinished()).isFalse();
    }

    @Test
    void forgetsAConnectionWhenBothSidesHaveEndedAndClosed() {
        allocate(client);
        FakeStream peer = connected(PEER);
        FakeStream data = bound();
        data.ends();
        peer.ends();
        assertThat(data.isFinished() && peer.isFinished()).isTrue();

        peer.breaks();
        assertThat(data.isOpen()).isTrue();
        assertRefused(446, connect(PEER));
        data.breaks();
        assertThat(data.isAborted()).isFalse();
        assertThat(connect(PEER)).isNull();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void passesABreakOn(boolean ofThePeer) {
        allocate(client);
        FakeStream peer = connected(PEER);
        FakeStream data = bound();

        (ofThePeer ? peer : data).breaks();

        assertThat((ofThePeer ? data : peer).isAborted()).isTrue();
        assertThat(loop.allocations.connections().size()).isZero();
        assertThat(client.allocation().isEnded()).isFalse();
    }

    @Test
    void closesEverythingWithTheAllocation() {
        allocate(client);
        FakeStream waiting = connected(OTHER_PEER);
        FakeStream peer = connected(PEER);
        FakeStream data = bound();

        loop.pass(Duration.ofSeconds(601));

        assertThat(List.of(waiting, peer, data)).noneMatch(FakeStream::isOpen);
        assertThat(loop.sockets.listening()).isEmpty();
        assertThat(loop.events(AllocationEnded.class)).singleElement().extracting(AllocationEnded::reason)
                .isEqualTo(EndReason.EXPIRED);
    }

    /** Whoever has not got everything is told so: the end of an allocation must not look like the end of the stream. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void resetsWhoMissesBytesWhenTheAllocationEnds(boolean thePeerMissesThem) {
        allocate(client);
        FakeStream peer = connected(PEER);
        FakeStream data = bound();
        (thePeerMissesThem ? peer : data).fill(true);
        (thePeerMissesThem ? data : peer).receive(bytes(10));

        client.request(StunMethod.REFRESH, new Lifetime(0));

        assertThat(peer.isOpen() || data.isOpen()).isFalse();
        assertThat(peer.isAborted()).isEqualTo(thePeerMissesThem);
        assertThat(data.isAborted()).isEqualTo(!thePeerMissesThem);
        assertThat(loop.dropped(DropReason.PEER_CONNECTION_LOST)).isOne();
    }

    @Test
    void closesEverythingWithTheControlConnection() {
        allocate(client);
        FakeStream peer = connected(PEER);
        FakeStream data = bound();

        loop.turn.disconnected(client.leg());

        assertThat(peer.isOpen() || data.isOpen()).isFalse();
    }
}
