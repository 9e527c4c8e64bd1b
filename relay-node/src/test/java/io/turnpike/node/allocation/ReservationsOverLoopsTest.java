package io.turnpike.node.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.turnpike.node.event.RelayTransport;
import io.turnpike.stun.AddressCursor;
import io.turnpike.stun.AddressFamily;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A RESERVATION-TOKEN that arrives on another event loop than the one that gave it (RFC 8656 section 7.2). */
class ReservationsOverLoopsTest {
    private static final Nobody NOBODY = new Nobody();

    private final ManualTime time = new ManualTime();
    private final RelayPorts ports = new RelayPorts(50_000, 50_099, Duration.ofSeconds(120), time::nanoTime,
            new Random(1));
    private final RelayedTransports.RelayPool pool = new RelayedTransports.RelayPool(0, ports,
            new Reservations(ports, Duration.ofSeconds(30), time::nanoTime, new Random(2)));
    private final FakeSockets ofFirst = new FakeSockets();
    private final FakeSockets ofSecond = new FakeSockets();
    private final RelayedTransports first = loop(ofFirst);
    private final RelayedTransports second = loop(ofSecond);

    @Test
    void opensTheHeldPortOnTheLoopThatTheTokenArrivesOnAndLetsGoOfItOnTheOther() {
        RelayedTransports.Opened even = first.open(pair(), "acme/al", NOBODY);
        int held = even.transports().get(0).address().getPort() + 1;
        assertThat(ofFirst.held()).containsExactly(held);

        RelayedTransports.Opened reserved = second.open(redeem(even.token().orElseThrow()), "acme/al", NOBODY);

        assertThat(reserved.transports()).singleElement()
                .satisfies(transport -> assertThat(transport.address().getPort()).isEqualTo(held));
        assertThat(ofSecond.open()).hasSize(1);
        assertThat(ofFirst.held()).isEmpty();
        assertThat(second.open(redeem(even.token().orElseThrow()), "acme/al", NOBODY).transports()).isEmpty();
    }

    @Test
    void keepsTheTokenFromAnotherUserAndFromTheTimeAfterOnEveryLoop() {
        long token = first.open(pair(), "acme/al", NOBODY).token().orElseThrow();
        assertThat(second.open(redeem(token), "acme/bo", NOBODY).transports()).isEmpty();

        time.advance(Duration.ofSeconds(31));
        second.expireReservations();

        assertThat(ofFirst.held()).isEmpty();
        assertThat(second.open(redeem(token), "acme/al", NOBODY).transports()).isEmpty();
    }

    private RelayedTransports loop(FakeSockets sockets) {
        return new RelayedTransports(List.of(pool), List.of(), new RelayedAddresses(), new RelayedAddresses(), sockets);
    }

    private static RelayPlan pair() {
        return new RelayPlan(RelayTransport.UDP, List.of(AddressFamily.IPV4), RelayPlan.PortWish.EVEN_AND_HOLD_NEXT,
                OptionalLong.empty());
    }

    private static RelayPlan redeem(long token) {
        return new RelayPlan(RelayTransport.UDP, List.of(AddressFamily.IPV4), RelayPlan.PortWish.ANY,
                OptionalLong.of(token));
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
