package io.turnpike.node.allocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnpike.node.allocation.MobilityTickets.Ticket;
import io.turnpike.stun.Octets;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MobilityTicketsTest {
    private final SecureRandom random = new SecureRandom();
    private final byte[] key = MobilityTickets.newKey(random);
    private final MobilityTickets tickets = new MobilityTickets(key, random);

    @Test
    void readsOnAnotherLoopWhatItMade() {
        Ticket ticket = new Ticket(65_535, Long.MAX_VALUE, 7);

        assertThat(new MobilityTickets(key, random).open(tickets.seal(ticket))).contains(ticket);
    }

    @Test
    void readsNothingOfAnotherProcess() {
        MobilityTickets other = new MobilityTickets(MobilityTickets.newKey(random), random);

        assertThat(other.open(tickets.seal(new Ticket(0, 1, 0)))).isEmpty();
    }

    @Test
    void makesNoTicketTwiceAndTellsNothingByIt() {
        Set<Octets> made = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            made.add(tickets.seal(new Ticket(0, 1, 0)));
        }

        assertThat(made).hasSize(1_000).allSatisfy(
                ticket -> assertThat(ticket.length()).isEqualTo(MobilityTickets.TICKET_BYTES));
    }

    @Test
    void refusesRandomOctetsOfEveryLength() {
        for (int length = 0; length < 2 * MobilityTickets.TICKET_BYTES; length++) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            assertThat(tickets.open(Octets.of(bytes))).isEmpty();
        }
    }

    @Test
    void wantsAKeyOf128Bits() {
        assertThatThrownBy(() -> new MobilityTickets(new byte[15], random))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
