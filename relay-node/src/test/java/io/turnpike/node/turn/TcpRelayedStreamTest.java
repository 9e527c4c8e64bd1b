package io.turnpike.node.turn;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.node.allocation.FakeStream;
import io.turnpike.node.event.AllocationEnded;
import io.turnpike.node.event.DirectionCount;
import io.turnpike.node.event.UsageSampled;
import io.turnpike.node.quota.OnControlLoss;
import io.turnpike.node.quota.PeriodKind;
import io.turnpike.node.quota.QuotaMode;
import io.turnpike.node.quota.QuotaPolicy;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.StunMethod;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What goes over two connections that are bound together: bytes, their count and credit (RFC 6062 section 5.5). */
class TcpRelayedStreamTest extends TcpAllocationBench {
    @Test
    void relaysRawBytesBothWaysAndCountsThemInTheFinalEvent() {
        allocate(client);
        FakeStream peer = connected(PEER);
        FakeStream data = bound();

        data.receive(bytes(1000));
        data.receive(bytes(500));
        peer.receive(bytes(70));

        assertThat(peer.sent()).hasSize(1500);
        assertThat(data.sent()).isEqualTo(bytes(70));
        client.request(StunMethod.REFRESH, new Lifetime(0));
        UsageSampled last = loop.events(UsageSampled.class).get(0);
        assertThat(last.clientToRelay()).isEqualTo(new DirectionCount(1500, 1500, 2));
        assertThat(last.relayToPeer()).isEqualTo(new DirectionCount(1500, 1500, 2));
        assertThat(last.peerToRelay()).isEqualTo(new DirectionCount(70, 70, 1));
        assertThat(last.relayToClient()).isEqualTo(new DirectionCount(70, 70, 1));
        assertThat(loop.events(AllocationEnded.class)).hasSize(1);
    }

    @Test
    void stopsReadingWhileTheOtherSideIsFull() {
        allocate(client);
        FakeStream peer = connected(PEER);
        FakeStream data = bound();
        data.fill(true);

        peer.receive(bytes(10));
        assertThat(peer.isReading()).isFalse();
        assertThat(data.sent()).isEmpty();
        assertThat(data.isReading()).isTrue();

        data.fill(false);
        assertThat(peer.isReading()).isTrue();
        assertThat(data.sent()).hasSize(10);
    }

    @Test
    void countsOfABrokenWriteWhatTheSocketTook() {
        allocate(client);
        FakeStream peer = connected(PEER);
        FakeStream data = bound();
        peer.hold();
        data.receive(bytes(100));
        data.receive(bytes(50));

        peer.takeOnly(120);
        peer.breaks();

        assertThat(client.allocation().usage().relayToPeer()).isEqualTo(new DirectionCount(120, 120, 2));
        assertThat(loop.dropped(DropReason.PEER_CONNECTION_LOST)).isOne();
    }

    @Test
    void waitsWithTheFinalFiguresForBytesThatASocketStillHolds() {
        allocate(client);
        FakeStream peer = connected(PEER);
        FakeStream data = bound();
        peer.hold();
        data.receive(bytes(100));

        client.request(StunMethod.REFRESH, new Lifetime(0));

        assertThat(loop.events(UsageSampled.class)).singleElement().extracting(UsageSampled::relayToPeer)
                .isEqualTo(DirectionCount.ZERO);
        assertThat(loop.dropped(DropReason.PEER_CONNECTION_LOST)).isOne();
    }

    /** Every byte of a hard quota is spent, none beyond; what waits goes on when the quota is raised. */
    @Test
    void forwardsUpToTheLastByteOfTheCreditAndHoldsTheRestBack() {
        useHardQuota(1000);
        allocate(client);
        loop.grant(1, 1000);
        client.answer();
        FakeStream peer = connected(PEER);
        FakeStream data = bound();

        data.receive(bytes(900));
        data.receive(bytes(300));
        peer.receive(bytes(50));
        assertThat(peer.sent().length + data.sent().length).isLessThanOrEqualTo(1000);
        assertThat(data.isReading() || peer.isReading()).isFalse();
        loop.pass(Duration.ofSeconds(2));
        assertThat(peer.sent().length + data.sent().length).isEqualTo(1000);
        assertThat(loop.dropped(DropReason.QUOTA_EXHAUSTED)).isZero();

        loop.grant(2, 1200);
        loop.pass(Duration.ofSeconds(2));
        assertThat(peer.sent().length + data.sent().length).isEqualTo(1200);
        loop.grant(3, 2000);
        loop.pass(Duration.ofSeconds(2));
        assertThat(peer.sent()).hasSize(1200);
        assertThat(data.sent()).hasSize(50);
        assertThat(data.isReading() && peer.isReading()).isTrue();
    }

    @Test
    void givesBackTheCreditOfBytesThatNoSocketTook() {
        useHardQuota(100);
        allocate(client);
        loop.grant(1, 100);
        client.answer();
        FakeStream peer = connected(PEER);
        FakeStream data = bound();
        peer.hold();
        data.receive(bytes(100));
        peer.takeOnly(30);
        peer.breaks();

        FakeStream next = connected(OTHER_PEER);
        FakeStream again = bound();
        again.receive(bytes(100));
        loop.pass(Duration.ofSeconds(2));

        assertThat(next.sent()).hasSize(70);
        assertThat(client.allocation().usage().relayToPeer().wireBytes()).isEqualTo(100);
    }

    private void useHardQuota(long bytes) {
        loop = new OneLoop(new QuotaPolicy(0, QuotaMode.HARD, PeriodKind.MONTH, ZoneOffset.UTC,
                OptionalLong.of(bytes), OnControlLoss.STOP), 50_000, 50_099);
        client = loop.streamClient("al");
    }
}
