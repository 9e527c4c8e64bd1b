package io.turnpike.node.relay;

import static io.turnpike.node.relay.RelayBench.HELLO;
import static io.turnpike.node.relay.RelayBench.PEER;
import static io.turnpike.node.relay.RelayBench.socket;
import static io.turnpike.node.relay.RelayBench.udp;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.node.event.AllocationEnded;
import io.turnpike.node.event.DirectionCount;
import io.turnpike.node.event.EndReason;
import io.turnpike.node.event.Milestone;
import io.turnpike.node.event.MilestoneReached;
import io.turnpike.node.event.UsageSampled;
import io.turnpike.node.turn.OneLoop;
import io.turnpike.node.turn.TestClient;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.StunMethod;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What is told of relayed data: milestones, samples, and the final figures of an allocation. */
class RelayedUsageTest {
    private final OneLoop loop = new OneLoop();

    @Test
    void tellsTheFirstPacketOfEachDirectionOnce() {
        TestClient client = udp(loop);
        client.permit(PEER);
        loop.time.advance(Duration.ofMillis(250));
        client.send(PEER, HELLO);
        client.send(PEER, HELLO);
        socket(loop).receive(PEER, HELLO);
        socket(loop).receive(PEER, HELLO);

        assertThat(loop.events(MilestoneReached.class)).extracting(MilestoneReached::milestone)
                .containsExactly(Milestone.FIRST_CLIENT_TO_PEER, Milestone.FIRST_PEER_TO_CLIENT);
        assertThat(loop.events(MilestoneReached.class).get(0).sinceCreated()).isEqualTo(Duration.ofMillis(250));
    }

    @Test
    void countsNoControlMessages() {
        TestClient client = udp(loop);
        client.permit(PEER);
        client.bind(0x4001, PEER);
        client.request(StunMethod.REFRESH);

        assertThat(client.allocation().usage().clientToRelay()).isEqualTo(DirectionCount.ZERO);
        assertThat(client.allocation().usage().relayToClient()).isEqualTo(DirectionCount.ZERO);
    }

    @Test
    void samplesEveryTenSecondsWhileBytesMoveAndEveryMinuteOtherwise() {
        TestClient client = udp(loop);
        client.permit(PEER);
        client.send(PEER, HELLO);
        loop.pass(Duration.ofSeconds(11));
        assertThat(loop.events(UsageSampled.class)).hasSize(1);

        loop.pass(Duration.ofSeconds(48));
        assertThat(loop.events(UsageSampled.class)).hasSize(1);
        loop.pass(Duration.ofSeconds(13));
        assertThat(loop.events(UsageSampled.class)).hasSize(2);
        UsageSampled second = loop.events(UsageSampled.class).get(1);
        assertThat(second.intervalStart()).isEqualTo(loop.events(UsageSampled.class).get(0).occurredAt());
        assertThat(second.clientToRelay().packets()).isOne();
        assertThat(second.finalSample()).isFalse();
    }

    @Test
    void endsWithAFinalSampleBeforeTheEndEvent() {
        TestClient client = udp(loop);
        client.permit(PEER);
        client.send(PEER, HELLO);
        client.request(StunMethod.REFRESH, new Lifetime(0));

        int events = loop.events.size();
        assertThat(loop.events.get(events - 2)).isInstanceOfSatisfying(UsageSampled.class, sample -> {
            assertThat(sample.finalSample()).isTrue();
            assertThat(sample.clientToRelay().payloadBytes()).isEqualTo(5);
        });
        assertThat(loop.events.get(events - 1)).isInstanceOf(AllocationEnded.class);
        loop.pass(Duration.ofSeconds(120));
        assertThat(loop.events).hasSize(events);
    }

    @Test
    void countsDataThatStillWaitsInASocketBeforeTheFinalSample() {
        TestClient client = udp(loop);
        client.permit(PEER);
        client.leg().hold();
        socket(loop).receive(PEER, HELLO);
        client.request(StunMethod.REFRESH, new Lifetime(0));
        assertThat(loop.events(AllocationEnded.class)).isEmpty();

        client.leg().drain();

        assertThat(loop.events(AllocationEnded.class)).hasSize(1);
        assertThat(loop.events(UsageSampled.class).get(0).relayToClient().packets()).isOne();
    }

    @Test
    void givesFinalFiguresAtTheStopEvenIfASocketNeverAnswers() {
        TestClient client = udp(loop);
        client.permit(PEER);
        client.leg().hold();
        socket(loop).receive(PEER, HELLO);

        loop.allocations.endAll(EndReason.SHUTDOWN);
        loop.allocations.finishUnsettled();

        assertThat(loop.events(AllocationEnded.class)).extracting(AllocationEnded::reason)
                .containsExactly(EndReason.SHUTDOWN);
        assertThat(loop.events(UsageSampled.class).get(0).finalSample()).isTrue();
    }

    @Test
    void numbersTheEventsOfAnAllocationWithoutGaps() {
        TestClient client = udp(loop);
        client.bind(0x4001, PEER);
        client.sendChannelData(0x4001, HELLO);
        client.request(StunMethod.REFRESH, new Lifetime(0));

        UsageSampled last = loop.events(UsageSampled.class).get(0);
        // Created, permission, channel, milestone, final sample, end.
        assertThat(last.allocationSeq()).isEqualTo(4);
        assertThat(loop.events(AllocationEnded.class).get(0).allocationSeq()).isEqualTo(5);
    }
}
