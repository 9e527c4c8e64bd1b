package io.turnpike.node.turn;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.node.allocation.FakeLeg;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.event.AllocationCreated;
import io.turnpike.node.event.AllocationRejected;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.event.RelayFamily;
import io.turnpike.node.event.TenantUsageReported;
import io.turnpike.node.quota.QuotaPolicy;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.AdditionalAddressFamily;
import io.turnpike.stun.AddressErrorCode;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.AttributeType;
import io.turnpike.stun.DontFragment;
import io.turnpike.stun.EvenPort;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.Nonce;
import io.turnpike.stun.PasswordAlgorithms;
import io.turnpike.stun.RequestedAddressFamily;
import io.turnpike.stun.RequestedTransport;
import io.turnpike.stun.ReservationToken;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.TransactionId;
import io.turnpike.stun.UnknownAttributes;
import io.turnpike.stun.XorMappedAddress;
import io.turnpike.stun.XorRelayedAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import io.turnpike.node.event.EndReason;

/** Allocate by RFC 8656 section 7.2. */
class AllocateHandlerTest {
    private static final RequestedTransport UDP = new RequestedTransport(RequestedTransport.UDP);

    private final OneLoop loop = new OneLoop();
    private final TestClient client = loop.client("al");

    @Test
    void challengesWithoutCredentialsUnsignedAndSmall() {
        Answer answer = client.unauthenticated(StunMethod.ALLOCATE, UDP);

        assertThat(answer.error()).isEqualTo(401);
        assertThat(answer.has(AttributeType.REALM)).isTrue();
        assertThat(answer.attribute(Nonce.class).announcesPasswordAlgorithms()).isTrue();
        assertThat(answer.attribute(PasswordAlgorithms.class).algorithms()).hasSize(2);
        assertThat(answer.has(AttributeType.USERNAME)).isFalse();
        assertThat(answer.has(AttributeType.MESSAGE_INTEGRITY)).isFalse();
        assertThat(answer.bytes()).hasSizeLessThanOrEqualTo(120);
        assertThat(loop.allocations.size()).isZero();
    }

    @Test
    void answersWithRelayedAndMappedAddressAndLifetime() {
        Answer answer = client.allocate();

        assertThat(answer.isSuccess()).isTrue();
        assertThat(answer.isSigned()).isTrue();
        assertThat(answer.attribute(XorRelayedAddress.class).address())
                .isEqualTo(loop.sockets.open().get(0).relayedAddress());
        assertThat(answer.attribute(XorMappedAddress.class).address()).isEqualTo(client.leg().fiveTuple().client());
        assertThat(answer.attribute(Lifetime.class).seconds()).isEqualTo(600);
    }

    @Test
    void tellsTheCreationWithTheClientsNetworkOnly() {
        client.allocate();

        AllocationCreated created = loop.events(AllocationCreated.class).get(0);
        assertThat(created.allocation().allocationId()).isEqualTo("n1-7-0");
        assertThat(created.clientPrefix()).isEqualTo("203.0.112.0/24");
        assertThat(created.relayFamily()).isEqualTo(RelayFamily.IPV4);
        assertThat(created.transport()).isEqualTo(ClientTransport.UDP);
    }

    @Test
    void givesTheSameAnswerToARetransmission() {
        Answer first = client.allocate();
        Answer second = client.request(StunMethod.ALLOCATE, client.lastId(), UDP);

        assertThat(second.bytes()).isEqualTo(first.bytes());
        assertThat(loop.allocations.size()).isOne();
    }

    @Test
    void refusesASecondAllocationOnTheFiveTupleSigned() {
        client.allocate();
        Answer second = client.allocate();

        assertThat(second.error()).isEqualTo(437);
        assertThat(second.isSigned()).isTrue();
        assertThat(loop.events(AllocationRejected.class)).extracting(AllocationRejected::errorCode)
                .containsExactly(437);
    }

    @Test
    void doesNotRepeatAnAllocationToAnotherUserWithTheSameTransactionId() {
        client.allocate();
        client.becomes("bo", "secret");

        assertThat(client.request(StunMethod.ALLOCATE, client.lastId(), UDP).error()).isEqualTo(437);
    }

    @Test
    void trap20KeepsTcpAndUdpOfTheSamePortsApart() {
        TestClient udp = new TestClient(loop, loop.leg(ClientTransport.UDP, 4242), "al", "secret");
        TestClient tcp = new TestClient(loop, loop.leg(ClientTransport.TCP, 4242), "al", "secret");

        assertThat(udp.allocate().isSuccess()).isTrue();
        assertThat(tcp.allocate().isSuccess()).isTrue();
        assertThat(loop.allocations.size()).isEqualTo(2);
    }

    @Test
    void requiresATransport() {
        assertThat(client.request(StunMethod.ALLOCATE).error()).isEqualTo(400);
    }

    @Test
    void refusesATransportOtherThanUdpAndTcp() {
        Answer answer = client.request(StunMethod.ALLOCATE, new RequestedTransport(132));

        assertThat(answer.error()).isEqualTo(442);
        assertThat(answer.isSigned()).isTrue();
    }

    @Test
    void namesDontFragmentAsUnknownAfterAuthentication() {
        Answer answer = client.allocate(new DontFragment());

        assertThat(answer.error()).isEqualTo(420);
        assertThat(answer.isSigned()).isTrue();
        assertThat(answer.attribute(UnknownAttributes.class).types()).containsExactly(0x001A);
        assertThat(client.unauthenticated(StunMethod.ALLOCATE, UDP, new DontFragment()).error()).isEqualTo(401);
    }

    @Test
    void takesDontFragmentWhereTheBitCanBeSet() {
        FakeSockets sockets = new FakeSockets();
        sockets.offerDontFragment();

        assertThat(new OneLoop(sockets).client("al").allocate(new DontFragment()).isSuccess()).isTrue();
    }

    @Test
    void usesIpv4WhateverTheClientsFamilyUnlessAskedOtherwise() {
        loop.sockets.relayIpv6();

        client.allocate();
        Answer ipv6 = loop.client("al").allocate(new RequestedAddressFamily(AddressFamily.IPV6));

        assertThat(ipv6.attribute(XorRelayedAddress.class).address().getAddress().getAddress()).hasSize(16);
        assertThat(loop.sockets.open().get(0).relayedAddress().getAddress().getAddress()).hasSize(4);
    }

    @Test
    void refusesAFamilyThatIsNotRelayed() {
        assertThat(client.allocate(new RequestedAddressFamily(AddressFamily.IPV6)).error()).isEqualTo(440);
        assertThat(client.allocate(new RequestedAddressFamily(7)).error()).isEqualTo(440);
    }

    @Test
    void refusesBothFamilyAttributesAndAnAdditionalIpv4() {
        assertThat(client.allocate(new RequestedAddressFamily(AddressFamily.IPV4),
                new AdditionalAddressFamily(AddressFamily.IPV6)).error()).isEqualTo(400);
        assertThat(client.allocate(new AdditionalAddressFamily(AddressFamily.IPV4)).error()).isEqualTo(400);
    }

    @Test
    void givesBothFamiliesWhereBothAreRelayed() {
        loop.sockets.relayIpv6();
        Answer answer = client.allocate(new AdditionalAddressFamily(AddressFamily.IPV6));

        assertThat(answer.isSuccess()).isTrue();
        assertThat(answer.has(AttributeType.ADDRESS_ERROR_CODE)).isFalse();
        assertThat(loop.sockets.open()).hasSize(2);
        assertThat(loop.events(AllocationCreated.class).get(0).relayFamily()).isEqualTo(RelayFamily.DUAL);
    }

    @Test
    void namesTheMissingFamilyOfAPartialSuccess() {
        Answer answer = client.allocate(new AdditionalAddressFamily(AddressFamily.IPV6));

        assertThat(answer.isSuccess()).isTrue();
        assertThat(answer.attribute(AddressErrorCode.class))
                .satisfies(missing -> assertThat(missing.code()).isEqualTo(440))
                .satisfies(missing -> assertThat(missing.familyCode()).isEqualTo(2));
        assertThat(loop.sockets.open()).hasSize(1);
    }

    @Test
    void namesAFamilyWithoutFreePortsInAPartialSuccess() {
        OneLoop crowded = new OneLoop(QuotaPolicy.OFF, 50_000, 50_000);
        crowded.sockets.relayIpv6();
        crowded.client("al").allocate(new RequestedAddressFamily(AddressFamily.IPV6));

        Answer answer = crowded.client("al").allocate(new AdditionalAddressFamily(AddressFamily.IPV6));

        assertThat(answer.isSuccess()).isTrue();
        assertThat(answer.attribute(AddressErrorCode.class).code()).isEqualTo(508);
    }

    @Test
    void choosesAnEvenPortAndLeavesTheNextToOthers() {
        OneLoop two = new OneLoop(QuotaPolicy.OFF, 50_000, 50_001);

        Answer even = two.client("al").allocate(new EvenPort(false));
        Answer other = two.client("bo").allocate();

        assertThat(even.attribute(XorRelayedAddress.class).address().getPort()).isEqualTo(50_000);
        assertThat(even.has(AttributeType.RESERVATION_TOKEN)).isFalse();
        assertThat(other.attribute(XorRelayedAddress.class).address().getPort()).isEqualTo(50_001);
    }

    @Test
    void holdsTheNextPortForTheTokenOfTheSameUser() {
        OneLoop two = new OneLoop(QuotaPolicy.OFF, 50_000, 50_001);
        long token = two.client("al").allocate(new EvenPort(true)).attribute(ReservationToken.class).token();

        assertThat(two.client("bo").allocate().error()).isEqualTo(508);
        assertThat(two.client("bo").allocate(new ReservationToken(token)).error()).isEqualTo(508);
        Answer redeemed = two.client("al").allocate(new ReservationToken(token));
        assertThat(redeemed.attribute(XorRelayedAddress.class).address().getPort()).isEqualTo(50_001);
        assertThat(two.client("al").allocate(new ReservationToken(token)).error()).isEqualTo(508);
    }

    @Test
    void freesAHeldPortAfterThirtySeconds() {
        long token = client.allocate(new EvenPort(true)).attribute(ReservationToken.class).token();

        loop.pass(Duration.ofSeconds(31));

        assertThat(loop.client("al").allocate(new ReservationToken(token)).error()).isEqualTo(508);
    }

    @Test
    void keepsAHeldPortBoundUntilItsTokenIsUsedOrRunsOut() {
        Answer first = client.allocate(new EvenPort(true));
        int port = first.attribute(XorRelayedAddress.class).address().getPort();
        assertThat(loop.sockets.held()).containsExactly(port + 1);
        loop.client("al").allocate(first.attribute(ReservationToken.class));
        assertThat(loop.sockets.held()).isEmpty();

        loop.client("al").allocate(new EvenPort(true));
        assertThat(loop.sockets.held()).hasSize(1);
        loop.pass(Duration.ofSeconds(31));
        assertThat(loop.sockets.held()).isEmpty();
    }

    @Test
    void takesAnotherPairWhereAnotherProgramHasTheSecondPort() {
        OneLoop four = new OneLoop(QuotaPolicy.OFF, 50_000, 50_003);
        four.sockets.occupy(50_001);

        assertThat(
                four.client("al").allocate(new EvenPort(true)).attribute(XorRelayedAddress.class).address().getPort())
                .isEqualTo(50_002);
    }

    @Test
    void lettingGoOfAllocationsDoesNotGiveAUserEveryPort() {
        OneLoop many = new OneLoop(QuotaPolicy.OFF, 50_000, 50_999);
        int held = 0;
        for (TestClient each = many.client("al"); each.allocate(new EvenPort(true)).isSuccess(); held++) {
            each.request(StunMethod.REFRESH, new Lifetime(0));
            each = many.client("al");
        }
        assertThat(held).isEqualTo(256);
        assertThat(many.sockets.held()).hasSize(256);
        assertThat(many.client("bo").allocate(new EvenPort(true)).isSuccess()).isTrue();
        many.pass(Duration.ofSeconds(31));
        assertThat(many.client("al").allocate(new EvenPort(true)).isSuccess()).isTrue();
    }

    @Test
    void makesNoAllocationAfterTheStopAndLeavesNoPortBound() {
        client.allocate(new EvenPort(true));
        List<Runnable> answers = loop.holdAdmissions();
        loop.client("al").allocate();

        loop.allocations.endAll(EndReason.SHUTDOWN);
        answers.get(0).run();

        assertThat(loop.allocations.size()).isZero();
        assertThat(loop.sockets.open()).isEmpty();
        assertThat(loop.sockets.held()).isEmpty();
    }

    @Test
    void refusesATokenTogetherWithOtherWishes() {
        ReservationToken token = new ReservationToken(1);

        assertThat(client.allocate(token, new EvenPort(false)).error()).isEqualTo(400);
        assertThat(client.allocate(token, new RequestedAddressFamily(AddressFamily.IPV4)).error()).isEqualTo(400);
        assertThat(client.allocate(token, new AdditionalAddressFamily(AddressFamily.IPV6)).error()).isEqualTo(400);
        assertThat(client.allocate(token).error()).isEqualTo(508);
    }

    @Test
    void refusesAHeldPortOfTwoFamilies() {
        assertThat(client.allocate(new EvenPort(true), new AdditionalAddressFamily(AddressFamily.IPV6)).error())
                .isEqualTo(400);
    }

    @Test
    void grantsLifetimesBetweenDefaultAndMaximum() {
        assertThat(loop.client("al").allocate(new Lifetime(5)).attribute(Lifetime.class).seconds()).isEqualTo(600);
        assertThat(loop.client("al").allocate(new Lifetime(1200)).attribute(Lifetime.class).seconds()).isEqualTo(1200);
        assertThat(loop.client("al").allocate(new Lifetime(0xFFFF_FFFFL)).attribute(Lifetime.class).seconds())
                .isEqualTo(3600);
    }

    @Test
    void saysSoWhenNoPortIsLeft() {
        OneLoop one = new OneLoop(QuotaPolicy.OFF, 50_000, 50_000);
        one.client("al").allocate();

        Answer answer = one.client("bo").allocate();

        assertThat(answer.error()).isEqualTo(508);
        assertThat(answer.isSigned()).isTrue();
        assertThat(one.sockets.open()).hasSize(1);
    }

    @Test
    void triesAnotherPortWhereAnotherProgramHasTheFirst() {
        OneLoop two = new OneLoop(QuotaPolicy.OFF, 50_000, 50_001);
        two.sockets.occupy(50_000);

        InetSocketAddress relayed = two.client("al").allocate().attribute(XorRelayedAddress.class).address();

        assertThat(relayed.getPort()).isEqualTo(50_001);
    }

    @Test
    void refusesWhenTheQuotaSaysNo() {
        loop.refuseAdmissions();

        Answer answer = client.allocate();

        assertThat(answer.error()).isEqualTo(486);
        assertThat(answer.isSigned()).isTrue();
        assertThat(loop.sockets.open()).isEmpty();
        assertThat(loop.events(AllocationRejected.class)).extracting(AllocationRejected::errorCode)
                .containsExactly(486);
    }

    @Test
    void waitsForTheQuotaAndIgnoresRepetitionsMeanwhile() {
        List<Runnable> answers = loop.holdAdmissions();

        assertThat(client.allocate()).isNull();
        TransactionId id = client.lastId();
        assertThat(client.request(StunMethod.ALLOCATE, id, UDP)).isNull();
        assertThat(loop.dropped(DropReason.REQUEST_PENDING)).isOne();
        answers.get(0).run();

        Answer answer = client.answer();
        assertThat(answer.isSuccess()).isTrue();
        assertThat(answer.transactionId()).isEqualTo(id);
        assertThat(answers).hasSize(1);
    }

    /** Over UDP an answer may be lost at any time; the quota is asked once, and what was answered is repeated. */
    @Test
    void aRetransmittedAllocateIsChargedOnce() {
        List<Runnable> asked = loop.holdAdmissions();
        client.allocate();
        TransactionId id = client.lastId();
        assertThat(client.request(StunMethod.ALLOCATE, id, UDP)).isNull();
        asked.get(0).run();
        Answer first = client.answer();

        for (int i = 0; i < 3; i++) {
            loop.pass(Duration.ofSeconds(13));
            Answer repeated = client.request(StunMethod.ALLOCATE, id, UDP);
            assertThat(repeated.isSuccess()).isTrue();
            assertThat(repeated.bytes()).isEqualTo(first.bytes());
        }

        assertThat(asked).hasSize(1);
        assertThat(loop.allocations.size()).isOne();
        assertThat(loop.sockets.open()).hasSize(1);
        loop.quota.runDue();
        assertThat(loop.events(TenantUsageReported.class)).last().extracting(TenantUsageReported::activeAllocations)
                .isEqualTo(1);
        assertThat(loop.events(AllocationCreated.class)).hasSize(1);
    }

    @Test
    void makesNoAllocationForAConnectionThatClosedMeanwhile() {
        List<Runnable> answers = loop.holdAdmissions();
        TestClient stream = loop.streamClient("al");
        stream.allocate();

        loop.turn.disconnected(stream.leg());
        answers.get(0).run();

        assertThat(loop.allocations.size()).isZero();
        assertThat(loop.sockets.open()).isEmpty();
        assertThat(stream.answer()).isNull();
    }

    @Test
    void makesNoAllocationForAConnectionThatAnotherHasReplacedMeanwhile() {
        TestClient old = new TestClient(loop, loop.leg(ClientTransport.TCP, 4242), "al", "secret");
        TestClient anew = new TestClient(loop, loop.leg(ClientTransport.TCP, 4242), "al", "secret");
        List<Runnable> answers = loop.holdAdmissions();
        old.allocate();
        loop.turn.disconnected(old.leg());
        anew.request(StunMethod.ALLOCATE, old.lastId(), UDP);

        answers.get(0).run();
        assertThat(loop.allocations.size()).isZero();
        answers.get(1).run();
        assertThat(anew.allocation().client()).isSameAs(anew.leg());
    }

    @Test
    void keepsNothingOfUnauthenticatedSources() {
        for (int i = 0; i < 100; i++) {
            FakeLeg leg = loop.leg(ClientTransport.UDP, 10_000 + i);
            new TestClient(loop, leg, "al", "secret").unauthenticated(StunMethod.ALLOCATE, UDP);
        }

        assertThat(loop.allocations.clients(ClientTransport.UDP, client.leg().fiveTuple().server()).isEmpty()).isTrue();
        assertThat(loop.events).isEmpty();
    }

    @Test
    void answersAWrongPasswordWith401AndTellsItOfKnownTenants() {
        client.becomes("al", "wrong");

        assertThat(client.allocate().error()).isEqualTo(401);
        assertThat(loop.requestLog.unauthenticated()).containsEntry("401", 2L);
        assertThat(loop.events).hasSize(1);
    }

    @Test
    void relaysNoAddressThatIsNotListed() {
        client.allocate();

        assertThat(loop.relayed.contains(loop.sockets.open().get(0).relayedAddress())).isTrue();
        assertThat(loop.relayed.contains(FakeSockets.address("198.41.0.4", 1))).isFalse();
    }
}
