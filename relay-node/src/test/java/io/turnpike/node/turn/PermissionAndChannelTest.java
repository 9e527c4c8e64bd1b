package io.turnpike.node.turn;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.event.AllocationRefreshed;
import io.turnpike.node.event.ChannelMade;
import io.turnpike.node.event.PeerClass;
import io.turnpike.node.event.PeerDenied;
import io.turnpike.node.event.PermissionMade;
import io.turnpike.stun.AttributeType;
import io.turnpike.stun.ChannelNumber;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.XorPeerAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import java.util.Arrays;

/** CreatePermission and ChannelBind by RFC 8656 sections 10.2 and 12.2. */
class PermissionAndChannelTest {
    private static final InetSocketAddress PEER = FakeSockets.address("198.41.0.10", 7000);
    private static final InetSocketAddress OTHER = FakeSockets.address("198.41.0.11", 7000);
    private static final InetSocketAddress DENIED = FakeSockets.address("127.0.0.1", 7000);
    private static final InetSocketAddress IPV6 = FakeSockets.address("2001:4860::10", 7000);

    private final OneLoop loop = new OneLoop();
    private final TestClient client = loop.client("al");

    @Test
    void permissionNeedsAnAllocationAndItsUser() {
        assertThat(client.permit(PEER).error()).isEqualTo(437);
        client.allocate();
        client.becomes("bo", "secret");
        assertThat(client.permit(PEER).error()).isEqualTo(441);
    }

    @Test
    void permissionNeedsAPeer() {
        client.allocate();

        assertThat(client.request(StunMethod.CREATE_PERMISSION).error()).isEqualTo(400);
    }

    @Test
    void permissionIgnoresThePort() {
        client.allocate();
        client.permit(FakeSockets.address("198.41.0.10", 0));

        assertThat(client.allocation().permits(PEER.getAddress())).isTrue();
    }

    @Test
    void permitsAllPeersOfARequest() {
        client.allocate();
        assertThat(client.permit(PEER, OTHER).isSuccess()).isTrue();

        assertThat(client.allocation().permissionCount()).isEqualTo(2);
        assertThat(loop.events(PermissionMade.class)).hasSize(2);
    }

    @Test
    void permitsNobodyWhenOnePeerIsDenied() {
        client.allocate();
        Answer answer = client.permit(PEER, DENIED);

        assertThat(answer.error()).isEqualTo(403);
        assertThat(answer.isSigned()).isTrue();
        assertThat(client.allocation().permissionCount()).isZero();
        assertThat(loop.events(PeerDenied.class)).extracting(PeerDenied::peerClass).containsExactly(PeerClass.LOOPBACK);
    }

    @Test
    void permitsNobodyWhenOnePeerIsOfAnotherFamily() {
        client.allocate();

        assertThat(client.permit(PEER, IPV6).error()).isEqualTo(443);
        assertThat(client.allocation().permissionCount()).isZero();
    }

    @Test
    void permitsNobodyWhenOneAddressIsIllFormed() {
        client.allocate();
        byte[] request = {0, 1};
        Answer answer = client.requestWithRaw(StunMethod.CREATE_PERMISSION, AttributeType.XOR_PEER_ADDRESS.code(),
                request,
                new XorPeerAddress(PEER));

        assertThat(answer.error()).isEqualTo(400);
        assertThat(client.allocation().permissionCount()).isZero();
    }

    @Test
    void refusesMorePermissionsThanCanBeRemembered() {
        client.allocate();
        for (int i = 0; i < OneLoop.MOST_PERMISSIONS; i++) {
            client.permit(FakeSockets.address("198.41." + (1 + i / 250) + "." + (1 + i % 250), 1));
        }

        assertThat(client.permit(PEER).error()).isEqualTo(508);
        assertThat(client.permit(FakeSockets.address("198.41.1.1", 1)).isSuccess()).isTrue();
        assertThat(client.bind(0x4000, PEER).error()).isEqualTo(508);
    }

    @Test
    void refusesARequestThatNamesMorePeersThanCouldBeRememberedBeforeLookingAtThem() {
        client.allocate();
        InetSocketAddress[] peers = new InetSocketAddress[OneLoop.MOST_PERMISSIONS + 1];
        Arrays.fill(peers, PEER);

        assertThat(client.permit(peers).error()).isEqualTo(508);
        assertThat(client.allocation().permissionCount()).isZero();
        assertThat(client.permit(Arrays.copyOf(peers, OneLoop.MOST_PERMISSIONS)).isSuccess()).isTrue();
    }

    @Test
    void refusesPeersThatComeFasterThanOneAllocationMayAddThem() {
        OneLoop slow = new OneLoop(ConfigFactory.parseString("allocation.new-peers-per-second = 2"));
        TestClient scanner = slow.client("al");
        scanner.allocate();
        for (int i = 1; i <= 20; i++) {
            assertThat(scanner.permit(FakeSockets.address("198.41.1." + i, 1)).isSuccess()).isTrue();
        }

        assertThat(scanner.permit(PEER).error()).isEqualTo(508);
        assertThat(scanner.bind(0x4000, PEER).error()).isEqualTo(508);
        // A refresh is nothing new, and another allocation has a bucket of its own.
        assertThat(scanner.permit(FakeSockets.address("198.41.1.1", 1)).isSuccess()).isTrue();
        TestClient other = slow.client("al");
        other.allocate();
        assertThat(other.permit(PEER).isSuccess()).isTrue();

        slow.pass(Duration.ofMillis(500));
        assertThat(scanner.permit(PEER, OTHER).error()).isEqualTo(508);
        assertThat(scanner.permit(PEER).isSuccess()).isTrue();
        assertThat(scanner.permit(OTHER).error()).isEqualTo(508);
    }

    @Test
    void refusesMoreChannelsThanOneAllocationMayHold() {
        OneLoop small = new OneLoop(ConfigFactory.parseString("allocation.max-channels = 2"));
        TestClient holder = small.client("al");
        holder.allocate();
        holder.bind(0x4000, PEER);
        holder.bind(0x4001, OTHER);

        assertThat(holder.bind(0x4002, FakeSockets.address("198.41.0.12", 7000)).error()).isEqualTo(508);
        assertThat(holder.bind(0x4001, OTHER).isSuccess()).isTrue();
    }

    @Test
    void tellsOnlyAFewOfTheRefusalsThatAClientRepeats() {
        client.allocate();
        for (int i = 0; i < 1_000; i++) {
            assertThat(client.permit(DENIED).error()).isEqualTo(403);
            assertThat(client.request(StunMethod.REFRESH).isSuccess()).isTrue();
        }

        assertThat(loop.events(PeerDenied.class).size() + loop.events(AllocationRefreshed.class).size()).isEqualTo(20);
        assertThat(loop.allocationEvents.leftOut()).isEqualTo(1_980);
        assertThat(loop.events(PeerDenied.class)).extracting(PeerDenied::allocationSeq).doesNotHaveDuplicates();
        loop.pass(Duration.ofSeconds(1));
        client.permit(DENIED);
        assertThat(loop.events(PeerDenied.class).size() + loop.events(AllocationRefreshed.class).size()).isEqualTo(21);
    }

    @Test
    void forgetsAPermissionAfter300Seconds() {
        client.allocate();
        client.permit(PEER);

        loop.time.advance(Duration.ofSeconds(299));
        assertThat(client.allocation().permits(PEER.getAddress())).isTrue();
        loop.time.advance(Duration.ofSeconds(1));
        assertThat(client.allocation().permits(PEER.getAddress())).isFalse();
        loop.pass(Duration.ofSeconds(1));
        assertThat(client.allocation().permissionCount()).isZero();
    }

    @Test
    void keepsAPermissionThatIsRefreshedWithoutTellingItAgain() {
        client.allocate();
        client.permit(PEER);
        loop.pass(Duration.ofSeconds(200));
        client.permit(PEER);
        loop.pass(Duration.ofSeconds(200));

        assertThat(client.allocation().permits(PEER.getAddress())).isTrue();
        assertThat(loop.events(PermissionMade.class)).hasSize(1);
    }

    @Test
    void meetsAnotherRelayedClientWhoseRangeIsDenied() {
        OneLoop home = new OneLoop();
        InetSocketAddress relayed = FakeSockets.address("127.0.0.1", 50_050);
        TestClient caller = home.client("al");
        caller.allocate();
        assertThat(caller.permit(relayed).error()).isEqualTo(403);

        home.relayed.add(relayed);

        assertThat(caller.permit(relayed).isSuccess()).isTrue();
        assertThat(caller.bind(0x4000, relayed).isSuccess()).isTrue();
        assertThat(caller.bind(0x4001, FakeSockets.address("127.0.0.1", 50_051)).error()).isEqualTo(403);
    }

    @Test
    void channelNeedsAnAllocationAndItsUser() {
        assertThat(client.bind(0x4000, PEER).error()).isEqualTo(437);
        client.allocate();
        client.becomes("bo", "secret");
        assertThat(client.bind(0x4000, PEER).error()).isEqualTo(441);
    }

    @Test
    void channelNeedsNumberAndPeer() {
        client.allocate();

        assertThat(client.request(StunMethod.CHANNEL_BIND, new ChannelNumber(0x4000)).error()).isEqualTo(400);
        assertThat(client.request(StunMethod.CHANNEL_BIND, new XorPeerAddress(PEER)).error()).isEqualTo(400);
    }

    @Test
    void channelNumbersEndAt4FFF() {
        client.allocate();

        assertThat(client.bind(0x3FFF, PEER).error()).isEqualTo(400);
        assertThat(client.bind(0x5000, PEER).error()).isEqualTo(400);
        assertThat(client.bind(0x4FFF, PEER).isSuccess()).isTrue();
    }

    @Test
    void channelNumbersOfRfc5766AreATenantsChoice() {
        TestClient old = loop.client("old/cy");
        old.allocate();

        assertThat(old.bind(0x7FFE, PEER).isSuccess()).isTrue();
        assertThat(old.bind(0x8000, OTHER).error()).isEqualTo(400);
    }

    @Test
    void channelMakesThePermissionToo() {
        client.allocate();
        assertThat(client.bind(0x4000, PEER).isSuccess()).isTrue();

        assertThat(client.allocation().permits(PEER.getAddress())).isTrue();
        assertThat(loop.events(ChannelMade.class)).extracting(ChannelMade::channel).containsExactly(0x4000);
    }

    @Test
    void channelStaysWithItsPeer() {
        client.allocate();
        client.bind(0x4000, PEER);

        assertThat(client.bind(0x4000, OTHER).error()).isEqualTo(400);
        assertThat(client.bind(0x4001, PEER).error()).isEqualTo(400);
        assertThat(client.allocation().channel(0x4000).address().socketAddress()).isEqualTo(PEER);
        assertThat(client.allocation().channel(0x4001)).isNull();
        assertThat(client.bind(0x4000, PEER).isSuccess()).isTrue();
        assertThat(loop.events(ChannelMade.class)).hasSize(1);
    }

    @Test
    void channelEndsAfter600SecondsAndMayThenGoToAnotherPeer() {
        client.allocate();
        client.bind(0x4000, PEER);
        client.request(StunMethod.REFRESH, new io.turnpike.stun.Lifetime(3600));

        loop.time.advance(Duration.ofSeconds(600));

        assertThat(client.allocation().channel(0x4000)).isNull();
        assertThat(client.bind(0x4000, OTHER).isSuccess()).isTrue();
        assertThat(client.allocation().channel(io.turnpike.stun.TransportAddress.of(PEER))).isNull();
        loop.pass(Duration.ofSeconds(1));
        assertThat(client.allocation().channel(0x4000).address().socketAddress()).isEqualTo(OTHER);
    }

    @Test
    void channelRefusesDeniedPeersAndOtherFamilies() {
        client.allocate();

        assertThat(client.bind(0x4000, DENIED).error()).isEqualTo(403);
        assertThat(client.bind(0x4000, IPV6).error()).isEqualTo(443);
        assertThat(client.bind(0x4000, FakeSockets.address("::ffff:127.0.0.1", 1)).error()).isNotZero();
    }
}
