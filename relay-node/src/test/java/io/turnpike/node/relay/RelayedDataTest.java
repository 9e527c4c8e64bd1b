package io.turnpike.node.relay;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.event.AllocationEnded;
import io.turnpike.node.event.DirectionCount;
import io.turnpike.node.event.Milestone;
import io.turnpike.node.event.MilestoneReached;
import io.turnpike.node.event.UsageSampled;
import io.turnpike.node.quota.OnControlLoss;
import io.turnpike.node.quota.PeriodKind;
import io.turnpike.node.quota.QuotaMode;
import io.turnpike.node.quota.QuotaPolicy;
import io.turnpike.node.turn.OneLoop;
import io.turnpike.node.turn.TestClient;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.ChannelData;
import io.turnpike.stun.DontFragment;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.Malformed;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.time.ZoneOffset;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import io.turnpike.node.event.EndReason;
import java.util.Optional;

/** Relayed data both ways by RFC 8656 sections 11 and 12: what passes, what is dropped, what is counted and billed. */
class RelayedDataTest {
    private static final InetSocketAddress PEER = FakeSockets.address("198.41.0.10", 7000);
    private static final InetSocketAddress OTHER = FakeSockets.address("198.41.0.11", 7000);
    private static final byte[] HELLO = {1, 2, 3, 4, 5};

    private final OneLoop loop = new OneLoop();

    private static TestClient allocated(OneLoop loop, TestClient client) {
        assertThat(client.allocate().isSuccess()).isTrue();
        return client;
    }

    private TestClient udp() {
        return allocated(loop, loop.client("al"));
    }

    private TestClient tcp() {
        return allocated(loop, loop.streamClient("al"));
    }

    private static FakeSockets.Socket socket(OneLoop loop) {
        return loop.sockets.open().get(0);
    }

    @Test
    void relaysASendIndicationToAPermittedPeer() {
        TestClient client = udp();
        client.permit(PEER);
        int wireBytes = client.send(PEER, HELLO);

        assertThat(loop.sockets.sent()).hasSize(1);
        assertThat(loop.sockets.sent().get(0).to()).isEqualTo(PEER);
        assertThat(loop.sockets.sent().get(0).payload()).isEqualTo(HELLO);
        assertThat(client.allocation().usage().clientToRelay()).isEqualTo(new DirectionCount(wireBytes, 5, 1));
        assertThat(client.allocation().usage().relayToPeer()).isEqualTo(new DirectionCount(5, 5, 1));
    }

    @Test
    void refusesSendIndicationWithoutPermission() {
        TestClient client = udp();
        client.permit(OTHER);
        client.send(PEER, HELLO);

        assertThat(loop.sockets.sent()).isEmpty();
        assertThat(loop.dropped(DropReason.CLIENT_WITHOUT_PERMISSION)).isOne();
        assertThat(client.allocation().usage().packets()).isZero();
    }

    @Test
    void refusesSendIndicationWithDontFragmentBecauseTheBitCannotBeSet() {
        TestClient client = udp();
        client.permit(PEER);
        client.send(PEER, HELLO, new DontFragment());

        assertThat(loop.sockets.sent()).isEmpty();
        assertThat(loop.dropped(DropReason.UNKNOWN_ATTRIBUTE)).isOne();
    }

    @Test
    void setsTheDfBitForASendThatAsksAndForNothingElse() {
        OneLoop able = new OneLoop(dontFragment());
        TestClient client = allocated(able, able.client("al"));
        client.bind(0x4000, PEER);

        client.send(PEER, HELLO);
        client.send(PEER, HELLO, new DontFragment());
        client.send(PEER, HELLO, new DontFragment());
        client.sendChannelData(0x4000, HELLO);
        client.send(PEER, HELLO);

        assertThat(able.sockets.sent()).extracting(FakeSockets.Sent::dontFragment)
                .containsExactly(false, true, true, false, false);
    }

    @Test
    void dropsADatagramWhoseDfBitCannotBeSetBehindAFullQueueAndDebitsNothing() {
        OneLoop able = new OneLoop(dontFragment());
        TestClient client = allocated(able, able.client("al"));
        client.permit(PEER);
        able.sockets.stickDontFragment(true);

        client.send(PEER, HELLO, new DontFragment());

        assertThat(able.sockets.sent()).isEmpty();
        assertThat(able.dropped(DropReason.PEER_QUEUE_FULL)).isOne();
        assertThat(client.allocation().usage().packets()).isZero();
    }

    private static FakeSockets dontFragment() {
        FakeSockets sockets = new FakeSockets();
        sockets.offerDontFragment();
        return sockets;
    }

    @Test
    void refusesSendIndicationWithoutPeerOrData() {
        TestClient client = udp();
        client.permit(PEER);
        for (boolean withPeer : new boolean[]{true, false}) {
            ByteBuf message = Unpooled.buffer();
            StunMessageBuilder builder = new StunMessageBuilder().begin(message, StunMethod.SEND, StunClass.INDICATION,
                    new TransactionId(1, 2));
            if (withPeer) {
                builder.addPeer(PEER);
            } else {
                builder.addData(Unpooled.wrappedBuffer(HELLO));
            }
            client.sendIndication(message);
        }

        assertThat(loop.sockets.sent()).isEmpty();
        assertThat(loop.dropped(DropReason.INCOMPLETE_INDICATION)).isEqualTo(2);
    }

    @Test
    void sendingRefreshesNoPermission() {
        TestClient client = udp();
        client.permit(PEER);
        loop.pass(Duration.ofSeconds(250));
        client.send(PEER, HELLO);
        loop.pass(Duration.ofSeconds(60));
        client.send(PEER, HELLO);

        assertThat(loop.sockets.sent()).hasSize(1);
    }

    /** Trap 18: only CreatePermission and ChannelBind refresh. */
    @Test
    void channelDataRefreshesNeitherChannelNorPermission() {
        TestClient client = udp();
        client.bind(0x4000, PEER);
        for (int minute = 0; minute < 9; minute++) {
            client.sendChannelData(0x4000, HELLO);
            loop.pass(Duration.ofSeconds(60));
        }
        socket(loop).receive(PEER, HELLO);

        assertThat(loop.dropped(DropReason.PEER_WITHOUT_PERMISSION)).isOne();
        loop.time.advance(Duration.ofSeconds(60));
        assertThat(client.allocation().channel(0x4000)).isNull();
    }

    @Test
    void checksThePortOfASendAgainstOwnListeners() {
        TestClient client = udp();
        client.permit(PEER);
        loop.peerPolicy.denyServices(List.of(PEER));
        client.send(PEER, HELLO);

        assertThat(loop.sockets.sent()).isEmpty();
        assertThat(loop.dropped(DropReason.PEER_DENIED)).isOne();
    }

    @Test
    void relaysChannelDataUnpaddedAndPadded() {
        TestClient client = udp();
        client.bind(0x4001, PEER);
        assertThat(client.sendChannelData(0x4001, HELLO)).isEqualTo(9);
        ByteBuf padded = Unpooled.buffer();
        ChannelData.write(padded, 0x4001, Unpooled.wrappedBuffer(HELLO), true);
        assertThat(client.sendChannelData(padded)).isEqualTo(12);

        assertThat(loop.sockets.sent()).extracting(FakeSockets.Sent::payload).containsExactly(HELLO, HELLO);
        assertThat(client.allocation().usage().clientToRelay()).isEqualTo(new DirectionCount(21, 10, 2));
    }

    @Test
    void relaysEmptyChannelDataAsAnEmptyDatagram() {
        TestClient client = udp();
        client.bind(0x4001, PEER);
        client.sendChannelData(0x4001, new byte[0]);

        assertThat(loop.sockets.sent()).hasSize(1);
        assertThat(loop.sockets.sent().get(0).payload()).isEmpty();
        assertThat(client.allocation().usage().clientToRelay()).isEqualTo(new DirectionCount(4, 0, 1));
    }

    @Test
    void dropsChannelDataThatClaimsMoreThanIsThere() {
        TestClient client = udp();
        client.bind(0x4001, PEER);
        ByteBuf message = Unpooled.buffer();
        ChannelData.writeHeader(message, 0x4001, 6);
        client.sendChannelData(message.writeBytes(HELLO));

        assertThat(loop.sockets.sent()).isEmpty();
        assertThat(loop.dropped(DropReason.MALFORMED_CHANNEL_DATA)).isOne();
    }

    @Test
    void dropsChannelDataOfAnUnboundNumber() {
        TestClient client = udp();
        client.sendChannelData(0x4001, HELLO);

        assertThat(loop.dropped(DropReason.CHANNEL_UNBOUND)).isOne();
    }

    @Test
    void relaysPeerDataAsAnIndicationWithoutAChannel() {
        TestClient client = udp();
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
        TestClient client = udp();
        client.bind(0x4001, PEER);
        socket(loop).receive(PEER, HELLO);

        assertThat(client.leg().data().get(0)).containsExactly(0x40, 0x01, 0, 5, 1, 2, 3, 4, 5);
    }

    @Test
    void padsChannelDataToStreamsAndCountsThePadding() {
        TestClient client = tcp();
        client.bind(0x4001, PEER);
        socket(loop).receive(PEER, HELLO);

        assertThat(client.leg().data().get(0)).containsExactly(0x40, 0x01, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0);
        assertThat(client.allocation().usage().relayToClient()).isEqualTo(new DirectionCount(12, 5, 1));
    }

    @Test
    void dropsPeerDataWithoutPermissionAlsoOnABoundChannel() {
        TestClient client = udp();
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
        TestClient client = udp();
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
        TestClient client = udp();
        client.permit(PEER);
        socket(loop).receive(FakeSockets.address("198.41.0.10", 9), HELLO);

        assertThat(client.leg().data()).hasSize(1);
    }

    @Test
    void dropsPeerDataThatNoMessageCanCarry() {
        TestClient client = udp();
        client.permit(PEER);
        socket(loop).receive(PEER, new byte[65_500]);

        assertThat(client.leg().data()).isEmpty();
        assertThat(loop.dropped(DropReason.OVERSIZED)).isOne();
    }

    @Test
    void countsWhatTheClientsSocketRefusesAsADropOnly() {
        TestClient client = udp();
        client.permit(PEER);
        client.leg().refuse(DropReason.CLIENT_QUEUE_FULL);
        socket(loop).receive(PEER, HELLO);

        assertThat(client.allocation().usage().packets()).isZero();
        assertThat(client.allocation().usage().dropsByLabel()).containsEntry("client_queue_full", 1L);
    }

    @Test
    void dropsDatagramsButHoldsStreamsBackWhenTheRelaySocketIsFull() {
        TestClient datagrams = udp();
        TestClient stream = tcp();
        datagrams.permit(PEER);
        stream.permit(PEER);
        loop.sockets.fill(true);
        datagrams.send(PEER, HELLO);
        stream.send(PEER, HELLO);

        assertThat(loop.dropped(DropReason.PEER_QUEUE_FULL)).isOne();
        assertThat(loop.sockets.sent()).hasSize(1);
        assertThat(stream.leg().isPaused()).isTrue();
        loop.sockets.fill(false);
        loop.sockets.open().get(1).drained();
        assertThat(stream.leg().isPaused()).isFalse();
    }

    @Test
    void readsOnFromAStreamWhenTheSocketThatItWaitedForIsClosed() {
        loop.sockets.relayIpv6();
        TestClient stream = loop.streamClient("al");
        stream.allocate(new io.turnpike.stun.AdditionalAddressFamily(io.turnpike.stun.AddressFamily.IPV6));
        stream.permit(PEER);
        loop.sockets.fill(true);
        stream.send(PEER, HELLO);
        assertThat(stream.leg().isPaused()).isTrue();

        loop.allocations.release(stream.allocation(), Optional.of(io.turnpike.stun.AddressFamily.IPV4),
                EndReason.EXPIRED);

        assertThat(stream.leg().isPaused()).isFalse();
    }

    @Test
    void tellsTheFirstPacketOfEachDirectionOnce() {
        TestClient client = udp();
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
        TestClient client = udp();
        client.permit(PEER);
        client.bind(0x4001, PEER);
        client.request(StunMethod.REFRESH);

        assertThat(client.allocation().usage().clientToRelay()).isEqualTo(DirectionCount.ZERO);
        assertThat(client.allocation().usage().relayToClient()).isEqualTo(DirectionCount.ZERO);
    }

    @Test
    void samplesEveryTenSecondsWhileBytesMoveAndEveryMinuteOtherwise() {
        TestClient client = udp();
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
        TestClient client = udp();
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
        TestClient client = udp();
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
        TestClient client = udp();
        client.permit(PEER);
        client.leg().hold();
        socket(loop).receive(PEER, HELLO);

        loop.allocations.endAll(io.turnpike.node.event.EndReason.SHUTDOWN);
        loop.allocations.finishUnsettled();

        assertThat(loop.events(AllocationEnded.class)).extracting(AllocationEnded::reason)
                .containsExactly(io.turnpike.node.event.EndReason.SHUTDOWN);
        assertThat(loop.events(UsageSampled.class).get(0).finalSample()).isTrue();
    }

    @Test
    void numbersTheEventsOfAnAllocationWithoutGaps() {
        TestClient client = udp();
        client.bind(0x4001, PEER);
        client.sendChannelData(0x4001, HELLO);
        client.request(StunMethod.REFRESH, new Lifetime(0));

        UsageSampled last = loop.events(UsageSampled.class).get(0);
        // Created, permission, channel, milestone, final sample, end.
        assertThat(last.allocationSeq()).isEqualTo(4);
        assertThat(loop.events(AllocationEnded.class).get(0).allocationSeq()).isEqualTo(5);
    }

    @Test
    void stopsInSilenceWhenTheCreditIsSpentAndGoesOnWhenItIsRaised() {
        OneLoop hard = new OneLoop(new QuotaPolicy(0, QuotaMode.HARD, PeriodKind.MONTH, ZoneOffset.UTC,
                OptionalLong.of(30), OnControlLoss.STOP), 50_000, 50_099);
        TestClient client = hard.client("al");
        client.allocate();
        hard.grant(1, 30);
        client.leg().nextControl();
        client.bind(0x4001, PEER);

        client.sendChannelData(0x4001, HELLO);
        client.sendChannelData(0x4001, HELLO);
        socket(hard).receive(PEER, HELLO);
        socket(hard).receive(PEER, HELLO);

        assertThat(hard.sockets.sent()).hasSize(2);
        assertThat(client.leg().data()).hasSize(1);
        assertThat(hard.dropped(DropReason.QUOTA_EXHAUSTED)).isOne();
        assertThat(client.allocation().usage().relayToClient().wireBytes()
                + client.allocation().usage().clientToRelay().wireBytes()).isEqualTo(27);

        hard.grant(2, 60);
        socket(hard).receive(PEER, HELLO);
        assertThat(client.leg().data()).hasSize(2);
    }

    @Test
    void doesNotReadAStreamForAMomentThatOutrunsItsCredit() {
        OneLoop hard = new OneLoop(new QuotaPolicy(0, QuotaMode.HARD, PeriodKind.MONTH, ZoneOffset.UTC,
                OptionalLong.of(30), OnControlLoss.STOP), 50_000, 50_099);
        TestClient client = hard.streamClient("al");
        client.allocate();
        hard.grant(1, 30);
        client.leg().nextControl();
        client.bind(0x4001, PEER);
        for (int i = 0; i < 4; i++) {
            client.sendChannelData(0x4001, HELLO);
        }

        assertThat(hard.sockets.sent()).hasSize(2);
        assertThat(client.leg().isPaused()).isTrue();
        hard.pass(Duration.ofMillis(400));
        assertThat(client.leg().isPaused()).isFalse();
        client.sendChannelData(0x4001, HELLO);
        assertThat(client.leg().isPaused()).isTrue();
        hard.allocations.end(client.allocation(), EndReason.CLIENT_RELEASED);
        assertThat(client.leg().isPaused()).as("it may allocate again on the connection").isFalse();
    }

    @Test
    void endsForTheQuotaAfterALongSilence() {
        OneLoop hard = new OneLoop(new QuotaPolicy(0, QuotaMode.HARD, PeriodKind.MONTH, ZoneOffset.UTC,
                OptionalLong.of(30), OnControlLoss.STOP), ConfigFactory.parseString("quota.end-after = 30s"));
        TestClient client = hard.client("al");
        client.allocate();
        hard.grant(1, 30);
        client.leg().nextControl();
        client.bind(0x4001, PEER);
        for (int i = 0; i < 4; i++) {
            client.sendChannelData(0x4001, HELLO);
        }
        hard.grant(2, 30, true);
        passWithReports(hard, Duration.ofSeconds(25));
        assertThat(hard.events(AllocationEnded.class)).isEmpty();
        passWithReports(hard, Duration.ofSeconds(20));
        assertThat(hard.events(AllocationEnded.class)).hasSize(1).first()
                .satisfies(end -> assertThat(end.reason()).isEqualTo(EndReason.QUOTA));
        assertThat(client.allocation()).isNull();
    }

    private static void passWithReports(OneLoop loop, Duration time) {
        for (long second = 0; second < time.toSeconds(); second++) {
            loop.pass(Duration.ofSeconds(1));
            loop.quota.runDue();
        }
    }

    @Test
    void givesCreditBackWhenTheSocketRefuses() {
        OneLoop hard = new OneLoop(new QuotaPolicy(0, QuotaMode.HARD, PeriodKind.MONTH, ZoneOffset.UTC,
                OptionalLong.of(9), OnControlLoss.STOP), 50_000, 50_099);
        TestClient client = hard.client("al");
        client.allocate();
        hard.grant(1, 9);
        client.leg().nextControl();
        client.bind(0x4001, PEER);
        client.leg().refuse(DropReason.CLIENT_QUEUE_FULL);
        for (int i = 0; i < 5; i++) {
            socket(hard).receive(PEER, HELLO);
        }

        assertThat(hard.dropped(DropReason.CLIENT_QUEUE_FULL)).isEqualTo(5);
        client.sendChannelData(0x4001, HELLO);
        assertThat(hard.sockets.sent()).hasSize(1);
        client.sendChannelData(0x4001, HELLO);
        assertThat(hard.dropped(DropReason.QUOTA_EXHAUSTED)).isOne();
    }

    @Test
    void relaysIpv6BesideIpv4OnADualAllocation() {
        loop.sockets.relayIpv6();
        TestClient client = loop.client("al");
        client.allocate(new io.turnpike.stun.AdditionalAddressFamily(io.turnpike.stun.AddressFamily.IPV6));
        InetSocketAddress ipv6 = FakeSockets.address("2001:4860::10", 7000);
        client.permit(PEER, ipv6);
        client.send(ipv6, HELLO);
        client.send(PEER, HELLO);

        assertThat(loop.sockets.sent()).extracting(sent -> sent.from().getAddress().getAddress().length)
                .containsExactly(16, 4);
    }
}
