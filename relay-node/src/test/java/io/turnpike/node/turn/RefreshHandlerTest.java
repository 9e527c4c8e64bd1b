package io.turnpike.node.turn;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnpike.node.event.AllocationEnded;
import io.turnpike.node.event.EndReason;
import io.turnpike.node.quota.QuotaPolicy;
import io.turnpike.stun.AdditionalAddressFamily;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.RequestedAddressFamily;
import io.turnpike.stun.StunMethod;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Refresh by RFC 8656 section 8.2. */
class RefreshHandlerTest {
    private final OneLoop loop = new OneLoop();
    private final TestClient client = loop.client("al");

    @Test
    void needsAnAllocation() {
        Answer answer = client.request(StunMethod.REFRESH);

        assertThat(answer.error()).isEqualTo(437);
        assertThat(answer.isSigned()).isTrue();
    }

    @Test
    void needsTheUserOfTheAllocate() {
        client.allocate();
        client.becomes("bo", "secret");
        Answer answer = client.request(StunMethod.REFRESH);

        assertThat(answer.error()).isEqualTo(441);
        assertThat(answer.isSigned()).isTrue();
        assertThat(loop.allocations.size()).isOne();
    }

    @Test
    void extendsTheLifetime() {
        client.allocate();
        loop.pass(Duration.ofSeconds(599));
        Answer answer = client.request(StunMethod.REFRESH, new Lifetime(700));
        loop.pass(Duration.ofSeconds(699));

        assertThat(answer.attribute(Lifetime.class).seconds()).isEqualTo(700);
        assertThat(loop.allocations.size()).isOne();
        loop.pass(Duration.ofSeconds(2));
        assertThat(loop.allocations.size()).isZero();
    }

    @Test
    void letsAnAllocationExpireAndSaysWhy() {
        client.allocate();
        loop.pass(Duration.ofSeconds(601));

        assertThat(loop.sockets.open()).isEmpty();
        assertThat(loop.events(AllocationEnded.class)).extracting(AllocationEnded::reason)
                .containsExactly(EndReason.EXPIRED);
        assertThat(client.request(StunMethod.REFRESH).error()).isEqualTo(437);
    }

    @Test
    void deletesWithLifetimeZeroAndAnswersTheRepetitionWith437() {
        client.allocate();
        Answer answer = client.request(StunMethod.REFRESH, new Lifetime(0));

        assertThat(answer.attribute(Lifetime.class).seconds()).isZero();
        assertThat(loop.allocations.size()).isZero();
        assertThat(loop.relayed.size()).isZero();
        assertThat(client.request(StunMethod.REFRESH, new Lifetime(0)).error()).isEqualTo(437);
        assertThat(loop.events(AllocationEnded.class)).extracting(AllocationEnded::reason)
                .containsExactly(EndReason.CLIENT_RELEASED);
    }

    @Test
    void refusesAFamilyThatTheAllocationDoesNotHave() {
        client.allocate();

        assertThat(client.request(StunMethod.REFRESH, new RequestedAddressFamily(AddressFamily.IPV6)).error())
                .isEqualTo(443);
        assertThat(client.request(StunMethod.REFRESH, new RequestedAddressFamily(9)).error()).isEqualTo(443);
    }

    @Test
    void deletesOneFamilyOfTwoAndThenTheAllocation() {
        loop.sockets.relayIpv6();
        client.allocate(new AdditionalAddressFamily(AddressFamily.IPV6));

        client.request(StunMethod.REFRESH, new Lifetime(0), new RequestedAddressFamily(AddressFamily.IPV6));
        assertThat(loop.sockets.open()).hasSize(1);
        assertThat(loop.allocations.size()).isOne();
        client.request(StunMethod.REFRESH, new Lifetime(0), new RequestedAddressFamily(AddressFamily.IPV4));
        assertThat(loop.allocations.size()).isZero();
    }

    @Test
    void refreshesOneFamilyOfTwoAlone() {
        loop.sockets.relayIpv6();
        client.allocate(new AdditionalAddressFamily(AddressFamily.IPV6));
        loop.pass(Duration.ofSeconds(500));
        client.request(StunMethod.REFRESH, new RequestedAddressFamily(AddressFamily.IPV6));
        loop.pass(Duration.ofSeconds(101));

        assertThat(loop.sockets.open()).hasSize(1);
        assertThat(client.allocation().transport(AddressFamily.IPV6)).isNotNull();
    }

    @Test
    void restsTheFreedPortBeforeAnotherUserGetsIt() {
        OneLoop two = new OneLoop(QuotaPolicy.OFF, 50_000, 50_001);
        TestClient first = two.client("al");
        first.allocate();
        int port = two.sockets.open().get(0).relayedAddress().getPort();
        first.request(StunMethod.REFRESH, new Lifetime(0));

        two.client("bo").allocate();

        assertThat(two.sockets.open().get(0).relayedAddress().getPort()).isNotEqualTo(port);
        assertThat(two.ports.restsCutShort()).isZero();
    }

    @Test
    void endsTheAllocationWithTheConnection() {
        TestClient stream = loop.streamClient("al");
        stream.allocate();

        loop.turn.disconnected(stream.leg());

        assertThat(loop.sockets.open()).isEmpty();
        assertThat(loop.events(AllocationEnded.class)).extracting(AllocationEnded::reason)
                .containsExactly(EndReason.TRANSPORT_CLOSED);
    }
}
