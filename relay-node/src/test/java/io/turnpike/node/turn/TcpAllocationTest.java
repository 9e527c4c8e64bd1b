package io.turnpike.node.turn;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.turnpike.node.allocation.FakeSockets;
import io.turnpike.node.event.AllocationCreated;
import io.turnpike.node.event.RelayTransport;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.AdditionalAddressFamily;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.AttributeType;
import io.turnpike.stun.DontFragment;
import io.turnpike.stun.EvenPort;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.RequestedTransport;
import io.turnpike.stun.ReservationToken;
import io.turnpike.stun.StunAttribute;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.XorRelayedAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

/** TCP allocations by RFC 6062: who gets one, what it listens on, and what it does not do. */
class TcpAllocationTest extends TcpAllocationBench {
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
    void hasNoChannelsAndTakesNoSendIndications() {
        allocate(client);
        client.permit(PEER);
        assertRefused(403, client.bind(0x4000, PEER));

        client.send(PEER, bytes(10));

        assertThat(loop.dropped(DropReason.NO_DATAGRAM_RELAY)).isOne();
        assertThat(client.allocation().usage().packets()).isZero();
    }
}
