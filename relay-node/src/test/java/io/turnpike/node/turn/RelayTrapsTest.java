package io.turnpike.node.turn;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.event.TenantUsageReported;
import io.turnpike.node.quota.QuotaPolicy;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.AdditionalAddressFamily;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.ChannelData;
import io.turnpike.stun.ConnectionId;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.MobilityTicket;
import io.turnpike.stun.Octets;
import io.turnpike.stun.RequestedAddressFamily;
import io.turnpike.stun.RequestedTransport;
import io.turnpike.stun.ReservationToken;
import io.turnpike.stun.StunClass;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMessageBuilder;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;
import io.turnpike.stun.XorPeerAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The traps of RFC 8656 that TURN servers fall into and that no other test of a handler names. */
class RelayTrapsTest {
    private static final InetSocketAddress PEER = FakeSockets.address("198.41.0.10", 7000);
    private static final InetSocketAddress OTHER = FakeSockets.address("198.41.0.11", 7000);
    private static final InetSocketAddress LOOPBACK = FakeSockets.address("127.0.0.1", 7000);
    private static final InetSocketAddress IPV6 = FakeSockets.address("2001:4860::10", 7000);
    private static final RequestedTransport TCP = new RequestedTransport(RequestedTransport.TCP);
    private static final byte[] HELLO = {1, 2, 3, 4, 5};

    private final OneLoop loop = new OneLoop();
    private final TestClient client = loop.client("al");

    @Test
    void trap7SignsWhatIsRefusedForThePeerTheFamilyOrTheTicket() {
        TestClient stream = loop.streamClient("al");
        assertSigned(405, new OneLoop(ConfigFactory.parseString("allocation.mobility = false")).client("al")
                .allocate(new MobilityTicket(Octets.of())));
        assertSigned(437, client.request(StunMethod.CHANNEL_BIND));
        assertSigned(437, client.request(StunMethod.REFRESH, new MobilityTicket(Octets.of((byte) 1))));
        assertSigned(440, client.allocate(new RequestedAddressFamily(AddressFamily.IPV6)));
        assertSigned(508, client.allocate(new ReservationToken(9)));
        client.allocate();
        assertSigned(403, client.permit(LOOPBACK));
        assertSigned(403, client.bind(0x4000, LOOPBACK));
        assertSigned(443, client.permit(IPV6));
        assertSigned(443, client.bind(0x4000, IPV6));
        assertSigned(443, client.request(StunMethod.REFRESH, new RequestedAddressFamily(AddressFamily.IPV6)));
        assertSigned(400, client.bind(0x3FFF, PEER));
        stream.request(StunMethod.ALLOCATE, TCP);
        stream.request(StunMethod.CONNECT, new XorPeerAddress(PEER));
        assertSigned(446, stream.request(StunMethod.CONNECT, new XorPeerAddress(PEER)));
        loop.sockets.listening().get(0).connecting().get(PEER).breaks();
        assertSigned(447, stream.answer());
        assertSigned(400, loop.streamClient("al").request(StunMethod.CONNECTION_BIND, new ConnectionId(5)));
    }

    private static void assertSigned(int error, Answer answer) {
        assertThat(answer.error()).isEqualTo(error);
        assertThat(answer.isSigned()).as("%d signed", error).isTrue();
    }

    @Test
    void trap12SendsToTheFirstOfTwoPeersAndTheFirstOfTwoPayloads() {
        client.allocate();
        client.permit(PEER, OTHER);
        client.sendIndication(indication(message -> message.addPeer(PEER).addPeer(OTHER)
                .addData(Unpooled.wrappedBuffer(HELLO)).addData(Unpooled.wrappedBuffer(new byte[9]))));

        assertThat(loop.sockets.sent()).hasSize(1);
        assertThat(loop.sockets.sent().get(0).to()).isEqualTo(PEER);
        assertThat(loop.sockets.sent().get(0).payload()).isEqualTo(HELLO);
    }

    /** The second peer has a permission and the first has none. */
    @Test
    void trap12ChecksThePeerThatItSendsTo() {
        client.allocate();
        client.permit(OTHER);
        client.sendIndication(indication(
                message -> message.addPeer(PEER).addPeer(OTHER).addData(Unpooled.wrappedBuffer(HELLO))));

        assertThat(loop.sockets.sent()).isEmpty();
        assertThat(loop.dropped(DropReason.CLIENT_WITHOUT_PERMISSION)).isOne();
    }

    @Test
    void trap13DropsAnIndicationWithAnUnknownAttributeInSilence() {
        client.allocate();
        client.permit(PEER);
        client.sendIndication(indication(message -> message.addPeer(PEER).addData(Unpooled.wrappedBuffer(HELLO))
                .addRaw(0x7777, new byte[4])));

        assertThat(client.answer()).isNull();
        assertThat(loop.sockets.sent()).isEmpty();
        assertThat(loop.dropped(DropReason.UNKNOWN_ATTRIBUTE)).isOne();
        client.sendIndication(indication(message -> message.addPeer(PEER).addData(Unpooled.wrappedBuffer(HELLO))
                .addRaw(0xC777, new byte[4])));
        assertThat(loop.sockets.sent()).as("an optional one is ignored").hasSize(1);
    }

    /** The demultiplexer takes first bytes 64 to 127 for ChannelData; the number counts only where it was bound. */
    @Test
    void trap17ChannelNumbersBeyondTheRangeReachNobody() {
        client.allocate();
        client.bind(0x4FFF, PEER);
        for (int number : new int[]{0x4FFE, 0x5000, 0x7FFF}) {
            ByteBuf message = Unpooled.buffer();
            ChannelData.writeHeader(message, number, HELLO.length);
            client.sendChannelData(message.writeBytes(HELLO));
        }

        assertThat(loop.sockets.sent()).isEmpty();
        assertThat(loop.dropped(DropReason.CHANNEL_UNBOUND)).isEqualTo(3);
    }

    @Test
    void trap18ARepeatedChannelBindRefreshesChannelAndPermission() {
        client.allocate(new Lifetime(3600));
        client.bind(0x4000, PEER);
        loop.pass(Duration.ofSeconds(290));
        client.bind(0x4000, PEER);
        loop.pass(Duration.ofSeconds(299));
        loop.sockets.open().get(0).receive(PEER, HELLO);
        assertThat(client.leg().data()).as("a permission of 300 s").hasSize(1);
        loop.pass(Duration.ofSeconds(300));
        assertThat(client.allocation().channel(0x4000)).as("a channel of 600 s").isNotNull();
        loop.pass(Duration.ofSeconds(2));
        assertThat(client.allocation().channel(0x4000)).isNull();
    }

    @Test
    void trap18CreatePermissionRefreshesNoChannel() {
        client.allocate(new Lifetime(3600));
        client.bind(0x4000, PEER);
        loop.pass(Duration.ofSeconds(290));
        client.permit(PEER);
        loop.pass(Duration.ofSeconds(290));
        client.permit(PEER);
        loop.pass(Duration.ofSeconds(30));

        assertThat(client.allocation().channel(0x4000)).isNull();
        loop.sockets.open().get(0).receive(PEER, HELLO);
        StunFrame frame = new StunFrame();
        frame.wrap(Unpooled.wrappedBuffer(client.leg().data().get(0)));
        assertThat(frame.method()).as("what follows comes as an indication").isEqualTo(StunMethod.DATA);
    }

    /** A permission that another request had given stays as it was. */
    @Test
    void trap26ARefusedRequestChangesNothing() {
        client.allocate();
        client.permit(OTHER);
        loop.pass(Duration.ofSeconds(200));
        assertThat(client.permit(OTHER, LOOPBACK).error()).isEqualTo(403);
        assertThat(client.permit(OTHER, IPV6).error()).isEqualTo(443);
        loop.pass(Duration.ofSeconds(101));

        assertThat(client.allocation().permits(OTHER.getAddress())).isFalse();
    }

    /** Of refused and failed allocations nothing is counted; of a dual one until its last socket is closed. */
    @Test
    void extraTheQuotaCountsAllocationsWhileTheirSocketsLive() {
        OneLoop two = new OneLoop(QuotaPolicy.OFF, 50_000, 50_000);
        two.sockets.relayIpv6();
        TestClient dual = two.client("al");
        dual.allocate(new AdditionalAddressFamily(AddressFamily.IPV6));
        assertThat(two.client("al").allocate().error()).isEqualTo(508);
        assertThat(counted(two)).isOne();

        dual.request(StunMethod.REFRESH, new Lifetime(0), new RequestedAddressFamily(AddressFamily.IPV4));
        assertThat(counted(two)).isOne();
        dual.request(StunMethod.REFRESH, new Lifetime(0), new RequestedAddressFamily(AddressFamily.IPV6));
        assertThat(two.sockets.open()).isEmpty();
        assertThat(counted(two)).isZero();

        TestClient forgotten = two.client("al");
        forgotten.allocate();
        assertThat(counted(two)).isOne();
        two.pass(Duration.ofSeconds(601));
        assertThat(counted(two)).isZero();
    }

    private static long counted(OneLoop loop) {
        loop.pass(Duration.ofSeconds(1));
        loop.quota.runDue();
        List<TenantUsageReported> reports = loop.events(TenantUsageReported.class);
        return reports.get(reports.size() - 1).activeAllocations();
    }

    private static ByteBuf indication(Consumer<StunMessageBuilder> content) {
        ByteBuf message = Unpooled.buffer();
        content.accept(new StunMessageBuilder().begin(message, StunMethod.SEND, StunClass.INDICATION,
                new TransactionId(1, 2)));
        return message;
    }
}
