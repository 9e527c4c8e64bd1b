package io.turnpike.node.turn;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.turnpike.node.allocation.FakeLeg;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.quota.QuotaPolicy;
import io.turnpike.stun.AdditionalAddressFamily;
import io.turnpike.stun.AddressErrorCode;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.AttributeType;
import io.turnpike.stun.EvenPort;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.RequestedAddressFamily;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.XorRelayedAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Traps 23 and 24: one family, the other, or both, and what a Refresh does to each (RFC 8656 sections 7.2 and 8.2). */
class DualAllocationTest {
    private static final AdditionalAddressFamily AND_IPV6 = new AdditionalAddressFamily(AddressFamily.IPV6);
    private static final InetSocketAddress IPV4_PEER = FakeSockets.address("8.8.8.8", 9);
    private static final InetSocketAddress IPV6_PEER = FakeSockets.address("2001:4860::8", 9);
    private static final Lifetime ZERO = new Lifetime(0);

    private final OneLoop loop = new OneLoop();
    private final TestClient client = loop.client("al");

    @Test
    void namesTwoAddressesIpv4First() {
        loop.sockets.relayIpv6();

        List<Integer> families = relayed(client.allocate(AND_IPV6));

        assertThat(families).containsExactly(4, 16);
    }

    @Test
    void namesExactlyOneAddressInAPartialSuccess() {
        Answer answer = client.allocate(AND_IPV6);

        assertThat(relayed(answer)).containsExactly(4);
        assertThat(answer.attribute(AddressErrorCode.class).code()).isEqualTo(440);
        assertThat(answer.attribute(AddressErrorCode.class).familyCode()).isEqualTo(AddressFamily.IPV6.code());
    }

    @Test
    void namesIpv4AsTheMissingFamilyWhereOnlyIpv6IsRelayed() {
        loop.sockets.relayOnlyIpv6();
        Answer answer = client.allocate(AND_IPV6);

        assertThat(relayed(answer)).containsExactly(16);
        assertThat(answer.attribute(AddressErrorCode.class).familyCode()).isEqualTo(AddressFamily.IPV4.code());
        assertThat(loop.client("al").allocate().error()).isEqualTo(440);
    }

    @Test
    void failsWhereNeitherFamilyCanBeHad() {
        OneLoop full = new OneLoop(QuotaPolicy.OFF, 50_000, 50_000);
        full.client("al").allocate();

        Answer answer = full.client("al").allocate(AND_IPV6);
        assertThat(answer.error()).isEqualTo(508);
        assertThat(answer.isSigned()).isTrue();
    }

    @Test
    void givesEvenPortsInBothFamilies() {
        loop.sockets.relayIpv6();
        client.allocate(AND_IPV6, new EvenPort(false));

        assertThat(loop.sockets.open()).hasSize(2)
                .allSatisfy(socket -> assertThat(socket.relayedAddress().getPort()).isEven());
    }

    @Test
    void givesAnIpv6ClientIpv4UnlessItAsksOtherwise() {
        loop.sockets.relayIpv6();
        FiveTuple fiveTuple = new FiveTuple(ClientTransport.UDP, FakeSockets.address("2001:4860::9", 40_000),
                FakeSockets.address("2001:4860::4", 3478));
        TestClient ipv6 = new TestClient(loop, new FakeLeg(fiveTuple, false), "al", "secret");

        assertThat(relayed(ipv6.allocate())).containsExactly(4);
    }

    @Test
    void tellsTheServersAddressesOfOneClientApart() {
        FiveTuple one = client.leg().fiveTuple();
        FakeLeg otherListener = new FakeLeg(
                new FiveTuple(one.transport(), one.client(), FakeSockets.address("198.41.0.4", 3479)), false);

        assertThat(client.allocate().isSuccess()).isTrue();
        assertThat(new TestClient(loop, otherListener, "al", "secret").allocate().isSuccess()).isTrue();
    }

    @Test
    void refreshesBothFamiliesWithoutAFamily() {
        loop.sockets.relayIpv6();
        client.allocate(AND_IPV6);
        loop.pass(Duration.ofSeconds(500));
        client.request(StunMethod.REFRESH);
        loop.pass(Duration.ofSeconds(500));

        assertThat(loop.sockets.open()).hasSize(2);
        client.request(StunMethod.REFRESH, ZERO);
        assertThat(loop.sockets.open()).isEmpty();
        assertThat(loop.allocations.size()).isZero();
    }

    @Test
    void forgetsADeletedFamilyForGood() {
        loop.sockets.relayIpv6();
        client.allocate(AND_IPV6);
        RequestedAddressFamily ipv4 = new RequestedAddressFamily(AddressFamily.IPV4);
        assertThat(client.request(StunMethod.REFRESH, ZERO, ipv4).isSuccess()).isTrue();

        assertThat(client.request(StunMethod.REFRESH, ipv4).error()).isEqualTo(443);
        assertThat(client.permit(IPV4_PEER).error()).isEqualTo(443);
        assertThat(client.bind(0x4000, IPV4_PEER).error()).isEqualTo(443);
        assertThat(client.permit(IPV6_PEER).isSuccess()).isTrue();
    }

    /** Trap 25: a client's few seconds must not become a lease that sleeping devices lose. */
    @Test
    void refreshesForNoLessThanTheDefaultAndNoMoreThanTheMaximum() {
        client.allocate();

        assertThat(client.request(StunMethod.REFRESH, new Lifetime(5)).attribute(Lifetime.class).seconds())
                .isEqualTo(600);
        assertThat(client.request(StunMethod.REFRESH).attribute(Lifetime.class).seconds()).isEqualTo(600);
        assertThat(client.request(StunMethod.REFRESH, new Lifetime(0xFFFF_FFFFL)).attribute(Lifetime.class).seconds())
                .isEqualTo(3600);
    }

    /** Address lengths of the XOR-RELAYED-ADDRESS attributes, in order. */
    private static List<Integer> relayed(Answer answer) {
        assertThat(answer.attribute(XorRelayedAddress.class)).isNotNull();
        var bytes = Unpooled.wrappedBuffer(answer.bytes());
        List<Integer> lengths = new ArrayList<>();
        for (int at = StunFrame.HEADER_BYTES; at < bytes.readableBytes(); at += 4
                + (bytes.getUnsignedShort(at + 2) + 3 & ~3)) {
            if (bytes.getUnsignedShort(at) == AttributeType.XOR_RELAYED_ADDRESS.code()) {
                lengths.add(bytes.getUnsignedShort(at + 2) - 4);
            }
        }
        return lengths;
    }
}
