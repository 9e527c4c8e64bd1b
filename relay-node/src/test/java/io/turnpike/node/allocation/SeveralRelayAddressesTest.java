package io.turnpike.node.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.turnpike.node.allocation.RelayedTransports.Opened;
import io.turnpike.node.allocation.RelayedTransports.RelayPool;
import io.turnpike.node.event.RelayTransport;
import io.turnpike.stun.AddressCursor;
import io.turnpike.stun.AddressFamily;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A node with several relay addresses of a family. */
class SeveralRelayAddressesTest {
    private static final RelayPlan ANY = RelayPlan.of(AddressFamily.IPV4);
    private static final RelayPlan PAIR = new RelayPlan(RelayTransport.UDP, List.of(AddressFamily.IPV4),
            RelayPlan.PortWish.EVEN_AND_HOLD_NEXT, OptionalLong.empty());

    private static final RelayPlan EVEN = new RelayPlan(RelayTransport.UDP, List.of(AddressFamily.IPV4),
            RelayPlan.PortWish.EVEN, OptionalLong.empty());

    private final ManualTime time = new ManualTime();
    private final List<RelayPorts> ports = new ArrayList<>();
    private final FakeSockets sockets = new FakeSockets();
    private final RelayedTransports transports = new RelayedTransports(List.of(pool(0), pool(1)), List.of(),
            new RelayedAddresses(), new RelayedAddresses(), sockets);

    @Test
    void givesThePortsOfEachInTurnUntilNoneIsLeft() {
        List<String> hosts = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            hosts.add(host(open(ANY)));
        }

        assertThat(hosts.subList(0, 2)).containsExactlyInAnyOrder("198.41.0.4", "198.41.0.5");
        assertThat(hosts).filteredOn("198.41.0.4"::equals).hasSize(4);
        assertThat(open(ANY).transports()).isEmpty();
    }

    @Test
    void findsPairsOnTheOtherAddressWhereTheFirstHasNone() {
        List<Integer> evens = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Opened pair = open(PAIR);
            evens.add(pair.transports().get(0).address().getPort());
            assertThat(pair.token()).isPresent();
        }

        assertThat(evens).containsExactlyInAnyOrder(50_000, 50_002, 50_000, 50_002);
        assertThat(open(PAIR).transports()).isEmpty();
    }

    @Test
    void letsAPortRestWhileAnotherAddressHasOneThatWillDo() {
        RelayPorts one = ports.get(0);
        RelayPorts other = ports.get(1);
        int first = one.takeEven("acme/bo").orElseThrow();
        int second = one.takeEven("acme/bo").orElseThrow();
        one.release(first, "acme/bo");
        one.release(second, "acme/bo");
        other.takePair("acme/bo");
        // The other address is left with fewer free ports, of which one is even.
        assertThat(one.freeCount()).isEqualTo(2);
        assertThat(other.freeEvenCount()).isEqualTo(1);

        assertThat(host(open(EVEN))).isEqualTo("198.41.0.5");
        assertThat(one.restsCutShort()).isZero();
    }

    @Test
    void opensTheHeldPortOnTheAddressThatHoldsIt() {
        for (int i = 0; i < 4; i++) {
            Opened pair = open(PAIR);
            RelayPlan held = new RelayPlan(RelayTransport.UDP, List.of(AddressFamily.IPV4), RelayPlan.PortWish.ANY,
                    OptionalLong.of(pair.token().orElseThrow()));

            assertThat(host(open(held))).isEqualTo(host(pair));
        }
    }

    private Opened open(RelayPlan plan) {
        return transports.open(plan, "acme/al", new Nobody());
    }

    private static String host(Opened opened) {
        return opened.transports().get(0).address().getAddress().getHostAddress();
    }

    private RelayPool pool(int host) {
        RelayPorts ofHost = new RelayPorts(50_000, 50_003, Duration.ofSeconds(120), time::nanoTime, new Random(host));
        ports.add(ofHost);
        return new RelayPool(host, ofHost,
                new Reservations(ofHost, Duration.ofSeconds(30), time::nanoTime, new Random(2 + host)));
    }

    private static final class Nobody implements RelayedTransports.Receiver {
        @Override
        public void datagram(ByteBuf payload, AddressCursor peer) {}

        @Override
        public void writableAgain() {}

        @Override
        public ByteStream.Receiver connected(InetSocketAddress peer) {
            return null;
        }
    }
}
