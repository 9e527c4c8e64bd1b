package io.turnpike.node.turn;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.turnpike.node.allocation.Allocation;
import io.turnpike.node.allocation.ClientPrefix;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.event.AllocationCreated;
import io.turnpike.node.event.AllocationEnded;
import io.turnpike.node.event.AllocationMoved;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.event.EndReason;
import io.turnpike.node.event.UsageSampled;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.AdditionalAddressFamily;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.AttributeType;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.MobilityTicket;
import io.turnpike.stun.Octets;
import io.turnpike.stun.RequestedAddressFamily;
import io.turnpike.stun.RequestedTransport;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Allocations that follow their clients, by RFC 8016 section 3, on one event loop. */
class MobilityHandlerTest {
    private static final MobilityTicket EMPTY = new MobilityTicket(Octets.of());
    private static final InetSocketAddress PEER = FakeSockets.address("203.0.114.1", 9_000);

    private final OneLoop loop = new OneLoop();
    private final TestClient old = loop.client("al");
    private final TestClient next = loop.client("al");

    @Test
    void trap27MovesOnlyForTheSameUserWithItsTicketWhereItIsAllowed() {
        assertThat(old.allocate(new MobilityTicket(Octets.of((byte) 1))).error()).isEqualTo(400);
        OneLoop fixed = new OneLoop(ConfigFactory.parseString("allocation.mobility = false"));
        assertThat(fixed.client("al").allocate(EMPTY).error()).isEqualTo(405);
        assertThat(fixed.client("al").request(StunMethod.REFRESH, new MobilityTicket(Octets.of((byte) 1))).error())
                .isEqualTo(405);

        MobilityTicket first = movable(old);
        assertThat(loop.client("bo").request(StunMethod.REFRESH, first).error()).isEqualTo(441);
        assertThat(next.request(StunMethod.REFRESH, forged(first)).error()).isEqualTo(437);
        Answer moved = next.request(StunMethod.REFRESH, first);
        assertThat(moved.error()).isZero();
        assertThat(moved.isSigned()).isTrue();
        assertThat(moved.attribute(MobilityTicket.class)).isNotEqualTo(first);
    }

    @Test
    void givesATicketOnlyToWhoAsksForOne() {
        assertThat(old.allocate().has(AttributeType.MOBILITY_TICKET)).isFalse();
        assertThat(next.allocate(EMPTY).attribute(MobilityTicket.class).ticket().length()).isPositive();
        assertThat(loop.allocations.mobility().size()).isOne();
    }

    @Test
    void answersARetransmittedAllocateWithTheSameTicket() {
        MobilityTicket first = movable(old);

        assertThat(old.request(StunMethod.ALLOCATE, old.lastId(), new RequestedTransport(RequestedTransport.UDP), EMPTY)
                .attribute(MobilityTicket.class)).isEqualTo(first);
        assertThat(loop.allocations.size()).isOne();
    }

    @Test
    void refusesEmptyForgedShortAndLongTickets() {
        MobilityTicket ticket = movable(old);
        byte[] bytes = ticket.ticket().toByteArray();

        assertThat(next.request(StunMethod.REFRESH, EMPTY).error()).isEqualTo(400);
        for (int bit = 0; bit < bytes.length * Byte.SIZE; bit++) {
            byte[] other = bytes.clone();
            other[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            assertThat(next.request(StunMethod.REFRESH, new MobilityTicket(Octets.of(other))).error()).as("bit " + bit)
                    .isEqualTo(437);
        }
        assertThat(next.request(StunMethod.REFRESH, new MobilityTicket(Octets.of(new byte[bytes.length + 1]))).error())
                .isEqualTo(437);
        assertThat(next.request(StunMethod.REFRESH, new MobilityTicket(Octets.of((byte) 7))).error()).isEqualTo(437);
        assertThat(next.allocation()).isNull();
    }

    @Test
    void refusesATicketOfAnotherProcess() {
        // The other process draws its own key; here it is the same key, and the allocation is not there.
        MobilityTicket elsewhere = movable(new OneLoop().client("al"));

        assertThat(next.request(StunMethod.REFRESH, elsewhere).error()).isEqualTo(437);
    }

    @Test
    void servesBothFiveTuplesUntilTheClientIsHeardOnTheNewOne() {
        MobilityTicket ticket = movable(old);
        old.permit(PEER);
        Allocation allocation = old.allocation();

        next.request(StunMethod.REFRESH, ticket);
        assertThat(next.allocation()).isSameAs(allocation).isSameAs(old.allocation());
        fromPeer(100);
        old.send(PEER, new byte[10]);
        assertThat(old.leg().data()).hasSize(1);
        assertThat(next.leg().data()).isEmpty();

        next.send(PEER, new byte[10]);
        fromPeer(100);
        assertThat(old.leg().data()).hasSize(1);
        assertThat(next.leg().data()).hasSize(1);
        assertThat(old.allocation()).isNull();
        assertThat(old.request(StunMethod.REFRESH).error()).isEqualTo(437);
        assertThat(allocation.usage().clientToRelay().packets()).isEqualTo(2);
    }

    @Test
    void movesAtARequestFromTheNewFiveTuple() {
        MobilityTicket ticket = movable(old);

        next.request(StunMethod.REFRESH, ticket);
        assertThat(next.request(StunMethod.REFRESH).error()).isZero();

        assertThat(old.allocation()).isNull();
        assertThat(next.allocation().client()).isSameAs(next.leg());
    }

    @Test
    void staysWhereItIsWhenAStrangerAsksOnTheNewFiveTuple() {
        MobilityTicket ticket = movable(old);
        next.request(StunMethod.REFRESH, ticket);
        next.becomes("bo", "secret");

        assertThat(next.request(StunMethod.REFRESH).error()).isEqualTo(441);
        assertThat(next.permit(PEER).error()).isEqualTo(441);
        assertThat(old.allocation().client()).isSameAs(old.leg());
    }

    @Test
    void keepsRelayedAddressPermissionsAndChannels() {
        MobilityTicket ticket = movable(old);
        old.bind(0x4001, PEER);
        InetSocketAddress relayed = old.allocation().transports().get(0).address();

        next.request(StunMethod.REFRESH, ticket);
        next.sendChannelData(0x4001, new byte[10]);
        fromPeer(10);

        assertThat(next.allocation().transports().get(0).address()).isEqualTo(relayed);
        assertThat(next.leg().data().get(0)[0]).isEqualTo((byte) 0x40);
        assertThat(next.allocation().permissionCount()).isOne();
    }

    @Test
    void keepsTheOldTicketGoodUntilTheClientIsHeard() {
        MobilityTicket first = movable(old);
        TestClient third = loop.client("al");
        next.request(StunMethod.REFRESH, first);

        // The answer was lost, and so was the network: the client moves again with the ticket that it has.
        Answer again = third.request(StunMethod.REFRESH, first);
        assertThat(again.error()).isZero();
        assertThat(next.allocation()).isNull();
        third.request(StunMethod.REFRESH);
        TestClient fourth = loop.client("al");
        assertThat(fourth.request(StunMethod.REFRESH, first).error()).isEqualTo(437);
        assertThat(fourth.request(StunMethod.REFRESH, again.attribute(MobilityTicket.class)).error()).isZero();
    }

    @Test
    void makesOlderTicketsStaleWithANewerOne() {
        MobilityTicket first = movable(old);
        MobilityTicket second = next.request(StunMethod.REFRESH, first).attribute(MobilityTicket.class);
        TestClient third = loop.client("al");
        MobilityTicket last = third.request(StunMethod.REFRESH, second).attribute(MobilityTicket.class);

        TestClient fourth = loop.client("al");
        assertThat(fourth.request(StunMethod.REFRESH, first).error()).isEqualTo(437);
        assertThat(fourth.request(StunMethod.REFRESH, last).error()).isZero();
    }

    @Test
    void answersARetransmittedMoveAlikeAlsoAfterIt() {
        MobilityTicket ticket = movable(old);
        TransactionId id = new TransactionId(5, 6);
        Answer first = next.request(StunMethod.REFRESH, id, ticket, new Lifetime(700));
        Answer again = next.request(StunMethod.REFRESH, id, ticket, new Lifetime(700));
        next.request(StunMethod.REFRESH);
        Answer late = next.request(StunMethod.REFRESH, id, ticket, new Lifetime(700));

        for (Answer repeated : new Answer[]{again, late}) {
            assertThat(repeated.error()).isZero();
            assertThat(repeated.attribute(MobilityTicket.class)).isEqualTo(first.attribute(MobilityTicket.class));
            assertThat(repeated.attribute(Lifetime.class).seconds()).isEqualTo(700);
        }
        assertThat(loop.events(AllocationMoved.class)).hasSize(1);
    }

    @Test
    void answersTheSameTicketInANewTransactionWhileTheClientMayNotKnow() {
        MobilityTicket first = movable(old);
        MobilityTicket second = next.request(StunMethod.REFRESH, first).attribute(MobilityTicket.class);

        Answer again = next.request(StunMethod.REFRESH, first);
        assertThat(again.error()).isZero();
        assertThat(again.attribute(MobilityTicket.class)).isNotIn(first, second);
        assertThat(next.request(StunMethod.REFRESH, again.attribute(MobilityTicket.class)).error()).isEqualTo(400);
    }

    @Test
    void refusesATicketWhereNothingHasChanged() {
        MobilityTicket ticket = movable(old);

        assertThat(old.request(StunMethod.REFRESH, ticket).error()).isEqualTo(400);
        assertThat(old.request(StunMethod.REFRESH, EMPTY).error()).isEqualTo(400);
        assertThat(old.request(StunMethod.REFRESH).error()).isZero();
    }

    @Test
    void refusesAFiveTupleThatHasAnotherAllocation() {
        MobilityTicket ticket = movable(old);
        next.allocate();

        assertThat(next.request(StunMethod.REFRESH, ticket).error()).isEqualTo(437);
        assertThat(loop.allocations.size()).isEqualTo(2);
        assertThat(old.allocation()).isNotSameAs(next.allocation());
    }

    @Test
    void waitsForAnAllocateThatIsUnderWayOnTheNewFiveTuple() {
        MobilityTicket ticket = movable(old);
        var held = loop.holdAdmissions();
        next.allocate();

        assertThat(next.request(StunMethod.REFRESH, ticket)).isNull();
        assertThat(loop.dropped(DropReason.REQUEST_PENDING)).isOne();
        held.forEach(Runnable::run);
        assertThat(next.answer().error()).isZero();
        assertThat(old.allocation()).isNotSameAs(next.allocation());
    }

    @Test
    void letsTheOldFiveTupleAllocateAnewAfterTheMove() {
        MobilityTicket ticket = movable(old);
        next.request(StunMethod.REFRESH, ticket);
        assertThat(old.allocate().error()).as("still the old one").isEqualTo(437);
        next.request(StunMethod.REFRESH);

        assertThat(old.allocate().error()).isZero();
        assertThat(loop.allocations.size()).isEqualTo(2);
        assertThat(old.allocation()).isNotSameAs(next.allocation());
        loop.allocations.end(next.allocation(), EndReason.ADMIN);
        assertThat(old.allocation()).isNotNull();
    }

    @Test
    void deletesFromTheNewFiveTupleWithLifetimeZero() {
        MobilityTicket ticket = movable(old);

        Answer answer = next.request(StunMethod.REFRESH, ticket, new Lifetime(0));

        assertThat(answer.attribute(Lifetime.class).seconds()).isZero();
        assertThat(answer.has(AttributeType.MOBILITY_TICKET)).isFalse();
        assertThat(loop.allocations.size()).isZero();
        assertThat(loop.allocations.mobility().size()).isZero();
        assertThat(loop.sockets.open()).isEmpty();
        assertThat(next.request(StunMethod.REFRESH, ticket).error()).isEqualTo(437);
    }

    @Test
    void movesADualStackAllocationAndDeletesOneFamilyOnTheWay() {
        loop.sockets.relayIpv6();
        MobilityTicket ticket = old.allocate(EMPTY, new AdditionalAddressFamily(AddressFamily.IPV6))
                .attribute(MobilityTicket.class);

        Answer answer = next.request(StunMethod.REFRESH, ticket, new Lifetime(0),
                new RequestedAddressFamily(AddressFamily.IPV4));

        assertThat(answer.error()).isZero();
        assertThat(answer.has(AttributeType.MOBILITY_TICKET)).isTrue();
        next.request(StunMethod.REFRESH);
        assertThat(next.allocation().transport(AddressFamily.IPV6)).isNotNull();
        assertThat(next.allocation().transport(AddressFamily.IPV4)).isNull();
        assertThat(loop.client("al").request(StunMethod.REFRESH, answer.attribute(MobilityTicket.class),
                new RequestedAddressFamily(AddressFamily.IPV4)).error()).isEqualTo(443);
    }

    @Test
    void keepsTheAllocationOfALostConnectionAndDropsWhatPeersSendMeanwhile() {
        TestClient stream = loop.streamClient("al");
        MobilityTicket ticket = movable(stream);
        stream.permit(PEER);
        Allocation allocation = stream.allocation();
        loop.turn.disconnected(stream.leg());

        assertThat(loop.allocations.size()).isOne();
        fromPeer(100);
        assertThat(loop.dropped(DropReason.CLIENT_ABSENT)).isOne();
        assertThat(allocation.usage().relayToClient().packets()).isZero();

        assertThat(next.request(StunMethod.REFRESH, ticket).error()).isZero();
        fromPeer(100);
        assertThat(next.leg().data()).as("nobody else is served, so the move is done at once").hasSize(1);
        assertThat(loop.events(AllocationMoved.class)).singleElement().satisfies(moved -> {
            assertThat(moved.from()).isEqualTo(ClientTransport.TCP);
            assertThat(moved.transport()).isEqualTo(ClientTransport.UDP);
        });
    }

    @Test
    void expiresAnAllocationWhoseClientDoesNotComeBack() {
        TestClient stream = loop.streamClient("al");
        MobilityTicket ticket = movable(stream);
        loop.turn.disconnected(stream.leg());
        loop.pass(Duration.ofSeconds(601));

        assertThat(loop.allocations.size()).isZero();
        assertThat(loop.allocations.mobility().size()).isZero();
        assertThat(loop.sockets.open()).isEmpty();
        assertThat(loop.events(AllocationEnded.class)).extracting(AllocationEnded::reason)
                .containsExactly(EndReason.EXPIRED);
        assertThat(next.request(StunMethod.REFRESH, ticket).error()).isEqualTo(437);
    }

    @Test
    void endsAnAllocationThatIsNotMovableWithItsConnection() {
        TestClient stream = loop.streamClient("al");
        stream.allocate();
        loop.turn.disconnected(stream.leg());

        assertThat(loop.events(AllocationEnded.class)).extracting(AllocationEnded::reason)
                .containsExactly(EndReason.TRANSPORT_CLOSED);
    }

    @Test
    void takesTheNewLegWhenTheOldConnectionClosesDuringTheMove() {
        TestClient stream = loop.streamClient("al");
        MobilityTicket ticket = movable(stream);
        next.request(StunMethod.REFRESH, ticket);
        loop.turn.disconnected(stream.leg());

        assertThat(next.allocation().client()).isSameAs(next.leg());
        assertThat(stream.allocation()).isNull();
    }

    @Test
    void staysWithTheOldLegWhenTheNewConnectionClosesDuringTheMove() {
        MobilityTicket ticket = movable(old);
        TestClient stream = loop.streamClient("al");
        stream.request(StunMethod.REFRESH, ticket);
        loop.turn.disconnected(stream.leg());

        assertThat(stream.allocation()).isNull();
        assertThat(old.allocation().client()).isSameAs(old.leg());
        assertThat(next.request(StunMethod.REFRESH, ticket).error()).isZero();
    }

    @Test
    void movesATcpAllocationToStreamsOnly() {
        TestClient stream = loop.streamClient("al");
        MobilityTicket ticket = stream
                .request(StunMethod.ALLOCATE, new RequestedTransport(RequestedTransport.TCP), EMPTY)
                .attribute(MobilityTicket.class);

        assertThat(next.request(StunMethod.REFRESH, ticket).error()).isEqualTo(400);
        TestClient other = loop.streamClient("al");
        assertThat(other.request(StunMethod.REFRESH, ticket).error()).isZero();
        assertThat(other.request(StunMethod.REFRESH).error()).isZero();
        assertThat(other.allocation().client()).isSameAs(other.leg());
    }

    @Test
    void serializesTwoMovesAtOnce() {
        MobilityTicket ticket = movable(old);
        TestClient rival = loop.client("al");
        next.request(StunMethod.REFRESH, ticket);
        rival.request(StunMethod.REFRESH, ticket);

        assertThat(next.allocation()).isNull();
        assertThat(next.request(StunMethod.REFRESH).error()).isEqualTo(437);
        rival.request(StunMethod.REFRESH);
        assertThat(rival.allocation().client()).isSameAs(rival.leg());
        assertThat(loop.allocations.size()).isOne();
    }

    @Test
    void findsNothingAfterTheEnd() {
        MobilityTicket ticket = movable(old);
        next.request(StunMethod.REFRESH, ticket);
        loop.allocations.end(old.allocation(), EndReason.QUOTA);

        assertThat(old.allocation()).isNull();
        assertThat(next.allocation()).isNull();
        assertThat(next.request(StunMethod.REFRESH, ticket).error()).isEqualTo(437);
    }

    @Test
    void closesTheOldConnectionAndGivesBackWhatItDidNotDeliver() {
        TestClient stream = loop.streamClient("al");
        MobilityTicket ticket = movable(stream);
        next.request(StunMethod.REFRESH, ticket);
        assertThat(stream.leg().isClosed()).isFalse();
        next.request(StunMethod.REFRESH);

        assertThat(stream.leg().isClosed()).isTrue();
        assertThat(next.leg().isClosed()).isFalse();
    }

    @Test
    void countsOnInTheSameAllocation() {
        MobilityTicket ticket = movable(old);
        old.permit(PEER);
        int before = old.send(PEER, new byte[100]);
        next.request(StunMethod.REFRESH, ticket);
        int after = next.send(PEER, new byte[200]);
        fromPeer(300);
        int received = next.leg().data().get(0).length;
        next.request(StunMethod.REFRESH, new Lifetime(0));

        assertThat(loop.events(UsageSampled.class)).filteredOn(UsageSampled::finalSample).singleElement()
                .satisfies(last -> {
                    assertThat(last.clientToRelay().wireBytes()).isEqualTo(before + after);
                    assertThat(last.relayToPeer().payloadBytes()).isEqualTo(300);
                    assertThat(last.relayToClient().wireBytes()).isEqualTo(received);
                });
        assertThat(loop.events(AllocationCreated.class)).hasSize(1);
    }

    @Test
    void securityRecordMovingNeitherTakesNorFreesASlot() {
        MobilityTicket ticket = movable(old);
        var asked = loop.holdAdmissions();
        TestClient from = old;
        for (int move = 0; move < 5; move++) {
            TestClient to = loop.client("al");
            ticket = to.request(StunMethod.REFRESH, ticket).attribute(MobilityTicket.class);
            to.request(StunMethod.REFRESH);
            assertThat(from.allocation()).isNull();
            from = to;
        }

        assertThat(asked).isEmpty();
        assertThat(loop.allocations.size()).isOne();
        assertThat(loop.sockets.open()).hasSize(1);
    }

    @Test
    void securityRecordBoundsAFloodOfMoves() {
        MobilityTicket ticket = movable(old);
        int answered = 0;
        for (int move = 0; move < 1_000; move++) {
            Answer answer = loop.client("al").request(StunMethod.REFRESH, ticket);
            answered += answer.error() == 0 ? 1 : 0;
            assertThat(answer.error()).isIn(0, 508);
        }

        assertThat(answered).isEqualTo(8);
        assertThat(loop.allocations.size()).isOne();
        loop.pass(Duration.ofSeconds(1));
        assertThat(next.request(StunMethod.REFRESH, ticket).error()).isZero();
    }

    @Test
    void tellsWhereTheClientIsNow() {
        MobilityTicket ticket = movable(old);
        TestClient elsewhere = loop.client(loop.legAt(ClientTransport.TLS, "2001:db8:1:2::3", 5_000), "al");
        elsewhere.request(StunMethod.REFRESH, ticket);
        assertThat(loop.events(AllocationMoved.class)).isEmpty();
        elsewhere.request(StunMethod.REFRESH);

        assertThat(loop.events(AllocationMoved.class)).singleElement().satisfies(moved -> {
            assertThat(moved.from()).isEqualTo(ClientTransport.UDP);
            assertThat(moved.transport()).isEqualTo(ClientTransport.TLS);
            assertThat(moved.clientPrefix())
                    .isEqualTo(ClientPrefix.of(elsewhere.leg().fiveTuple().client().getAddress()));
        });
    }

    private MobilityTicket movable(TestClient client) {
        return client.allocate(EMPTY).attribute(MobilityTicket.class);
    }

    private void fromPeer(int bytes) {
        loop.sockets.open().get(0).receive(PEER, new byte[bytes]);
    }

    private static MobilityTicket forged(MobilityTicket ticket) {
        byte[] bytes = ticket.ticket().toByteArray();
        bytes[bytes.length - 1] ^= 1;
        return new MobilityTicket(Octets.of(bytes));
    }
}
