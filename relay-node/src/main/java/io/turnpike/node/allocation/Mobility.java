package io.turnpike.node.allocation;

import io.turnpike.node.allocation.MobilityTickets.Ticket;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.stun.Octets;
import io.turnpike.stun.TransactionId;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Moves allocations to other five-tuples (RFC 8016 section 3): relayed addresses, permissions, channels, credit and
 * counters stay; only the client's leg is another. Confined to the event loop of its allocations.
 */
public final class Mobility {
    private final AllocationTable table;
    private final Optional<MobilityTickets> tickets;
    private final Map<Long, Allocation> bySerial = new HashMap<>();
    private long nextSerial;

    Mobility(AllocationTable table, Optional<MobilityTickets> tickets) {
        this.table = table;
        this.tickets = tickets;
    }

    /** Whether allocations may move here (RFC 8016 section 3.1.2: 405 otherwise). */
    public boolean isAllowed() {
        return tickets.isPresent();
    }

    /** What a ticket says; empty unless this process made it. */
    public Optional<Ticket> open(Octets ticket) {
        return tickets.flatMap(known -> known.open(ticket));
    }

    /** The allocation of a ticket of this loop, or null. */
    public Allocation find(Ticket ticket) {
        return bySerial.get(ticket.serial());
    }

    /** Whether the ticket is the allocation's. */
    public boolean isOf(Ticket ticket, Allocation allocation) {
        Movement movement = allocation.movement();
        return movement != null && ticket.loop() == table.siblings().own() && ticket.serial() == movement.serial;
    }

    /** Whether the ticket is one that the client may still use: not older than one that it is known to hold. */
    public boolean isGood(Ticket ticket, Allocation allocation) {
        return isOf(ticket, allocation) && allocation.movement().accepts(ticket.generation());
    }

    /** Whether a move is answered on this leg, but the client may not know it: it has not been heard there since. */
    public boolean isUnheard(Allocation allocation, ClientLeg leg) {
        return allocation.movement() != null && allocation.movement().waitsFor(leg);
    }

    /** Whether the ticket is the last one that was given away. */
    public boolean isNewest(Ticket ticket, Allocation allocation) {
        return isOf(ticket, allocation) && allocation.movement().newest() == ticket.generation();
    }

    /** Takes one of the moves that the allocation may make in this time; false if there were too many. */
    public boolean mayMove(Allocation allocation) {
        return allocation.movement().mayMove(table.nanoTime());
    }

    /** Lifetime that this very request was answered with on this leg; empty if it is none that was repeated. */
    public Optional<Duration> repetition(Allocation allocation, ClientLeg leg, TransactionId transactionId) {
        return Optional.ofNullable(allocation.movement())
                .map(movement -> movement.repetition(leg, transactionId));
    }

    /**
     * The owner showed a good ticket on a leg: from now on the leg is served beside the old one, and alone as soon as the
     * client is heard on it, or at once where the old one is gone.
     *
     * @return the new ticket
     */
    public Octets moveTo(Allocation allocation, Ticket shown, ClientLeg leg, TransactionId transactionId,
            Duration lifetime) {
        Movement movement = allocation.movement();
        leaveCandidate(allocation, leg);
        movement.asked(shown.generation(), leg, seal(movement.serial, movement.newest() + 1));
        movement.answered(leg, transactionId, lifetime);
        boolean sameAddresses = leg.fiveTuple().equals(allocation.client().fiveTuple());
        if (leg == allocation.client()) {
            movement.forgetCandidate();
        } else if (sameAddresses || allocation.client() instanceof AbsentClient) {
            promote(allocation);
        } else {
            table.enter(leg, allocation);
        }
        return movement.ticket();
    }

    /** The client was heard on a leg: data, or an authenticated request. */
    void heard(Allocation allocation, ClientLeg leg) {
        Movement movement = allocation.movement();
        if (movement.waitsFor(leg)) {
            movement.confirm();
            if (leg == movement.candidate()) {
                promote(allocation);
            }
        }
    }

    /** A connection of a movable allocation is gone: the other leg takes over, or the allocation waits for its client. */
    void lost(Allocation allocation, ClientLeg leg) {
        Movement movement = allocation.movement();
        if (leg == movement.candidate()) {
            leaveCandidate(allocation, null);
        } else if (leg == allocation.client() && movement.candidate() != null) {
            promote(allocation);
        } else if (leg == allocation.client()) {
            table.leave(leg, allocation);
            leaveHome(leg);
            allocation.movedTo(new AbsentClient(leg.fiveTuple()));
        }
    }

    void began(Allocation allocation) {
        long serial = nextSerial++;
        allocation.movable(new Movement(serial, seal(serial, 0), table.nanoTime()));
        bySerial.put(serial, allocation);
    }

    /** Takes the legs of an allocation that ends out of every table. */
    void ended(Allocation allocation) {
        table.leave(allocation.client(), allocation);
        leaveHome(allocation.client());
        if (allocation.movement() != null) {
            leaveCandidate(allocation, null);
            bySerial.remove(allocation.movement().serial);
        }
    }

    /** Movable allocations of this loop. */
    public int size() {
        return bySerial.size();
    }

    private void promote(Allocation allocation) {
        Movement movement = allocation.movement();
        ClientLeg leg = movement.candidate();
        ClientLeg old = allocation.client();
        movement.forgetCandidate();
        if (!(old instanceof AbsentClient) && !old.fiveTuple().equals(leg.fiveTuple())) {
            table.leave(old, allocation);
        }
        ClientTransport from = old.fiveTuple().transport();
        table.enter(leg, allocation);
        allocation.movedTo(leg);
        leaveHome(old);
        // What the operating system has not taken is refused now, and its debit returned.
        old.close();
        table.events().moved(allocation, from);
    }

    /** The leg that was to be next is not, unless it is the given one. */
    private void leaveCandidate(Allocation allocation, ClientLeg unless) {
        ClientLeg candidate = allocation.movement().candidate();
        if (candidate == null || candidate == unless) {
            return;
        }
        allocation.movement().forgetCandidate();
        table.leave(candidate, allocation);
        leaveHome(candidate);
    }

    private static void leaveHome(ClientLeg leg) {
        if (leg instanceof HandedOverLeg guest) {
            guest.leave();
        }
    }

    private Octets seal(long serial, int generation) {
        return tickets.orElseThrow().seal(new Ticket(table.siblings().own(), serial, generation));
    }
}
