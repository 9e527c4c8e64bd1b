package io.turnpike.node.turn;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.netty.buffer.ByteBufUtil;
import io.turnpike.node.allocation.LoopSiblings;
import io.turnpike.node.allocation.ConnectionIds;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.allocation.FakeStream;
import io.turnpike.node.event.AllocationCreated;
import io.turnpike.node.event.AllocationEnded;
import io.turnpike.node.event.DirectionCount;
import io.turnpike.node.event.EndReason;
import io.turnpike.node.event.RelayTransport;
import io.turnpike.node.event.UsageSampled;
import io.turnpike.node.quota.OnControlLoss;
import io.turnpike.node.quota.PeriodKind;
import io.turnpike.node.quota.QuotaMode;
import io.turnpike.node.quota.QuotaPolicy;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.AdditionalAddressFamily;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.AttributeType;
import io.turnpike.stun.ConnectionId;
import io.turnpike.stun.DontFragment;
import io.turnpike.stun.EvenPort;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.Malformed;
import io.turnpike.stun.RequestedTransport;
import io.turnpike.stun.ReservationToken;
import io.turnpike.stun.StunAttribute;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.XorPeerAddress;
import io.turnpike.stun.XorRelayedAddress;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 6062 over fake sockets and a manual clock. */
class TcpAllocationTest {
    private static final InetSocketAddress PEER = FakeSockets.address("198.41.0.10", 5000);
    private static final InetSocketAddress OTHER_PEER = FakeSockets.address("198.41.0.10", 5001);
    private static final RequestedTransport TCP = new RequestedTransport(RequestedTransport.TCP);

    private OneLoop loop = new OneLoop(ConfigFactory.parseString("tcp-allocations.max-connections = 4"));
    private TestClient client = loop.streamClient("al");
    private int lastId;

    /** Trap 29. */
    @Test
    void trap29GivesAListeningAddressToAClientOnAStream() {
        Answer answer = allocate(client);

        assertThat(answer.isSuccess()).isTrue();
        assertThat(answer.isSigned()).isTrue();
        assertThat(answer.has(AttributeType.RESERVATION_TOKEN)).isFalse();
        assertThat(answer.attribute(XorRelayedAddress.class).address()).isEqualTo(listener().relayedAddress());
        assertThat(loop.sockets.open()).isEmpty();
        assertThat(loop.events(AllocationCreated.class)).singleElement()
                .extracting(AllocationCreated::relayTransport).isEqualTo(RelayTransport.TCP);
    }

    /** Traps 21 and 29. */
    @Test
    void trap21And29RefuseTcpOnADatagramLegAndWhatOnlyUdpHas() {
        assertRefused(400, loop.client("al").request(StunMethod.ALLOCATE, TCP));
        FakeSockets sockets = new FakeSockets();
        sockets.offerDontFragment();
        OneLoop able = new OneLoop(sockets);
        for (StunAttribute wish : List.of(new EvenPort(false), new ReservationToken(7), new DontFragment())) {
            assertRefused(400, able.streamClient("al").request(StunMethod.ALLOCATE, TCP, wish));
        }
        assertThat(able.allocations.size()).isZero();
        assertRefused(442, client.request(StunMethod.ALLOCATE, new RequestedTransport(132)));
        assertRefused(400, client.request(StunMethod.ALLOCATE));
        assertThat(loop.allocations.size()).isZero();
    }

    @Test
    void refusesTcpWhereTheAdministratorForbidsIt() {
        OneLoop without = new OneLoop(ConfigFactory.parseString("tcp-allocations.max-connections = 0"));

        assertRefused(403, allocate(without.streamClient("al")));
        assertThat(without.streamClient("al").allocate().isSuccess()).isTrue();
    }

    @Test
    void listensOnBothFamiliesOfADualAllocation() {
        loop.sockets.relayIpv6();
        allocate(client, new AdditionalAddressFamily(AddressFamily.IPV6));

        assertThat(loop.sockets.listening()).hasSize(2);
        assertThat(connect(FakeSockets.address("2001:4860::9", 80))).isNull();
        assertThat(loop.sockets.listening().get(1).connecting()).hasSize(1);
    }

    @Test
    void freesThePortAndLetsItRest() {
        allocate(client);
        int port = listener().relayedAddress().getPort();
        assertThat(client.request(StunMethod.REFRESH, new Lifetime(0)).isSuccess()).isTrue();

        assertThat(loop.sockets.listening()).isEmpty();
        for (int i = 0; i < 99; i++) {
            allocate(loop.streamClient("bo"));
        }
        assertThat(loop.sockets.listening()).hasSize(99)
                .noneMatch(each -> each.relayedAddress().getPort() == port);
    }

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
    void hasNoChannelsAndTakesNoSendIndications() {
        allocate(client);
        client.permit(PEER);
        assertRefused(403, client.bind(0x4000, PEER));

        client.send(PEER, bytes(10));

        assertThat(loop.dropped(DropReason.NO_DATAGRAM_RELAY)).isOne();
        assertThat(client.allocation().usage().packets()).isZero();
    }

    @Test
    void dropsAConnectionAttemptFromAClient() {
        client.indicate(StunMethod.CONNECTION_ATTEMPT);

        assertThat(client.answer()).isNull();
        assertThat(loop.dropped(DropReason.UNEXPECTED_METHOD)).isOne();
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

    private void useHardQuota(long bytes) {
        loop = new OneLoop(new QuotaPolicy(0, QuotaMode.HARD, PeriodKind.MONTH, ZoneOffset.UTC,
                OptionalLong.of(bytes), OnControlLoss.STOP), 50_000, 50_099);
        client = loop.streamClient("al");
    }

    private Answer allocate(TestClient asking, StunAttribute... more) {
        List<StunAttribute> attributes = new ArrayList<>(List.of(TCP));
        attributes.addAll(List.of(more));
        return asking.request(StunMethod.ALLOCATE, attributes.toArray(StunAttribute[]::new));
    }

    private FakeSockets.Listener listener() {
        return loop.sockets.listening().get(0);
    }

    private Answer connect(InetSocketAddress peer) {
        return client.request(StunMethod.CONNECT, new XorPeerAddress(peer));
    }

    /** A connection to a peer that waits for its ConnectionBind. */
    private FakeStream connected(InetSocketAddress peer) {
        assertThat(connect(peer)).isNull();
        FakeStream stream = listener().connecting().get(peer);
        stream.opens();
        Answer answer = client.answer();
        assertThat(answer.isSigned()).isTrue();
        lastId = answer.attribute(ConnectionId.class).id();
        return stream;
    }

    private static Answer bind(TestClient asking, int id) {
        return asking.request(StunMethod.CONNECTION_BIND, new ConnectionId(id));
    }

    /** The client's side of the last connection. */
    private FakeStream bound() {
        TestClient data = loop.streamClient("al");
        assertThat(bind(data, lastId).isSuccess()).isTrue();
        return data.leg().raw();
    }

    private static void assertRefused(int code, Answer answer) {
        assertThat(answer.error()).isEqualTo(code);
        assertThat(answer.isSigned()).as("signed").isTrue();
    }

    private static byte[] bytes(int count) {
        return ByteBufUtil.decodeHexDump("ab".repeat(count));
    }
}
