package io.turnpike.node.turn;

import io.turnpike.node.allocation.Allocation;
import io.turnpike.node.allocation.AllocationOwner;
import io.turnpike.node.allocation.AllocationTable;
import io.turnpike.node.allocation.ClientLeg;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.allocation.Guest;
import io.turnpike.node.allocation.MobilityTickets.Ticket;
import io.turnpike.node.event.EndReason;
import io.turnpike.node.event.RelayTransport;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.ErrorCode;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.MobilityTicket;
import io.turnpike.stun.Octets;
import io.turnpike.stun.RequestedAddressFamily;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Refresh with a MOBILITY-TICKET: takes an allocation to the five-tuple that the request came on (RFC 8016 section 3.2.2).
 * The quota is not asked and nothing is counted anew, because the allocation stays what it is. The request may arrive on
 * another event loop than the allocation's; then it is handed over.
 */
final class MobilityHandler {
    private final AllocationTable allocations;
    private final Lifetimes lifetimes;
    private final RequestLog log;
    private final Drain drain;
    private final Predicate<FiveTuple> allocatesNow;

    /**
     * What the request wants, without its buffer, so that another loop can do it.
     *
     * @param ticket names the allocation
     * @param owner who asks
     * @param lifetime LIFETIME, if there is one
     * @param family REQUESTED-ADDRESS-FAMILY, if there is one
     */
    private record Move(Ticket ticket, AllocationOwner owner, Optional<Lifetime> lifetime,
            Optional<RequestedAddressFamily> family) {}

    /**
     * Serves one loop.
     *
     * @param allocations this loop's allocations
     * @param lifetimes of allocations
     * @param log counts what is dropped
     * @param drain may shorten lifetimes
     * @param allocatesNow whether an Allocate of the five-tuple waits for its answer
     */
    MobilityHandler(AllocationTable allocations, Lifetimes lifetimes, RequestLog log, Drain drain,
            Predicate<FiveTuple> allocatesNow) {
        this.allocations = allocations;
        this.lifetimes = lifetimes;
        this.log = log;
        this.drain = drain;
        this.allocatesNow = allocatesNow;
    }

    void handle(Request request, MobilityTicket attribute) {
        Reply reply = request.reply();
        // RFC 8016 section 3.2.2: 405 where the server does not let allocations move.
        if (!allocations.mobility().isAllowed()) {
            reply.error(ErrorCode.MOBILITY_FORBIDDEN);
            return;
        }
        Optional<Ticket> ticket = allocations.mobility().open(attribute.ticket());
        if (request.allocation() != null) {
            onItsOwnFiveTuple(request, ticket);
        } else if (ticket.isEmpty()) {
            // An empty ticket asks for one, which only an Allocate may; any other one that is not ours names nothing.
            reply.error(attribute.ticket().length() == 0
                    ? ErrorCode.BAD_REQUEST
                    : ErrorCode.ALLOCATION_MISMATCH);
        } else if (allocatesNow.test(reply.leg().fiveTuple())) {
            log.drop(DropReason.REQUEST_PENDING);
        } else {
            send(move(request, ticket.get()), reply);
        }
    }

    /** The five-tuple has an allocation already: a repetition is answered, everything else is refused. */
    private void onItsOwnFiveTuple(Request request, Optional<Ticket> ticket) {
        Reply reply = request.reply();
        Allocation here = request.allocation();
        Optional<ErrorCode> stranger = request.isByTheOwner();
        Optional<Duration> repetition = allocations.mobility().repetition(here, reply.leg(), reply.transactionId());
        if (stranger.isPresent()) {
            reply.error(stranger.get());
        } else if (repetition.isPresent()) {
            // RFC 8489 section 6.3.1: the same transaction gets the same answer.
            answer(reply, repetition.get(), here.mobilityTicket().orElseThrow());
        } else if (ticket.isPresent() && !allocations.mobility().isOf(ticket.get(), here)) {
            // RFC 8656 section 5: this five-tuple has another allocation.
            reply.error(ErrorCode.ALLOCATION_MISMATCH);
        } else if (ticket.isPresent() && allocations.mobility().isUnheard(here, reply.leg())
                && !allocations.mobility().isNewest(ticket.get(), here)) {
            // The answer to the first request got lost and the client asks anew with the ticket that it has.
            resume(allocations, move(request, ticket.get()), reply);
        } else {
            // RFC 8016 section 3.2.1: no ticket where neither address nor port has changed.
            reply.error(ErrorCode.BAD_REQUEST);
        }
    }

    private static Move move(Request request, Ticket ticket) {
        return new Move(ticket, request.owner(), request.attribute(Lifetime.class),
                request.attribute(RequestedAddressFamily.class));
    }

    private void send(Move move, Reply reply) {
        int owner = move.ticket.loop();
        int home = allocations.siblings().own();
        if (owner == home) {
            resume(allocations, move, reply);
            return;
        }
        // From here on the five-tuple is the other loop's, so that what follows the request finds it served.
        Guest guest = allocations.guests().enter(reply.leg(), owner);
        boolean sent = allocations.siblings().on(owner, table -> {
            if (!resume(table, move, reply.fromAnotherLoop(table.legOf(guest, home)))) {
                table.siblings().tell(home, sender -> sender.guests().leave(guest));
            }
        });
        if (!sent) {
            allocations.guests().leave(guest);
            log.drop(DropReason.LOOP_BUSY);
        }
    }

    /** On the loop of the allocation; whether the reply's leg is the allocation's now. */
    private boolean resume(AllocationTable table, Move move, Reply reply) {
        Allocation allocation = table.mobility().find(move.ticket);
        Optional<ErrorCode> violation = violation(table, move, allocation, reply.leg());
        if (violation.isPresent()) {
            reply.error(violation.get());
            return false;
        }
        Optional<AddressFamily> family = move.family.flatMap(RequestedAddressFamily::family);
        boolean deletes = move.lifetime.isPresent() && move.lifetime.get().seconds() == 0;
        if (deletes && (family.isEmpty() || allocation.transports().size() == 1)) {
            // RFC 8656 section 8.2: zero deletes; there is nothing left to move.
            reply.success(Lifetimes.attribute(Duration.ZERO));
            table.release(allocation, Optional.empty(), EndReason.CLIENT_RELEASED);
            return false;
        }
        if (!table.mobility().mayMove(allocation)) {
            // RFC 8656 section 19: a limit is reached; in silence a client on a stream would wait for ever.
            reply.error(ErrorCode.INSUFFICIENT_CAPACITY);
            return false;
        }
        Duration lifetime = deletes
                ? Duration.ZERO
                : drain.withinDeadline(
                        lifetimes.granted(move.lifetime, move.owner.credentialDeadline(), table.now()));
        if (deletes) {
            table.release(allocation, family, EndReason.CLIENT_RELEASED);
        } else {
            table.refresh(allocation, family, lifetime, move.owner);
        }
        answer(reply, lifetime, table.mobility().moveTo(allocation, move.ticket, reply.leg(), reply.transactionId(),
                lifetime));
        return true;
    }

    private static Optional<ErrorCode> violation(AllocationTable table, Move move, Allocation allocation,
            ClientLeg leg) {
        if (allocation == null) {
            return Optional.of(ErrorCode.ALLOCATION_MISMATCH);
        }
        // RFC 8016 section 3.2.2: by the user of the Allocate only.
        if (!allocation.owner().isSame(move.owner.tenantId(), move.owner.username())) {
            return Optional.of(ErrorCode.WRONG_CREDENTIALS);
        }
        // RFC 8656 section 19: 403 where the credential was taken back while the request went from loop to loop.
        if (table.objection(move.owner).isPresent()) {
            return Optional.of(ErrorCode.FORBIDDEN);
        }
        Allocation onFiveTuple = table.find(leg.fiveTuple());
        if (!table.mobility().isGood(move.ticket, allocation) || onFiveTuple != null && onFiveTuple != allocation) {
            return Optional.of(ErrorCode.ALLOCATION_MISMATCH);
        }
        // RFC 6062 section 5.1: the client of a TCP allocation is on a stream.
        if (allocation.relayTransport() == RelayTransport.TCP && !leg.isStream()) {
            return Optional.of(ErrorCode.BAD_REQUEST);
        }
        // RFC 8656 section 8.2: 443 for a family that the allocation does not have.
        boolean familyIsAllocated = move.family.isEmpty() || move.family.get().family()
                .filter(family -> allocation.transport(family) != null).isPresent();
        return Request.unless(familyIsAllocated, ErrorCode.PEER_ADDRESS_FAMILY_MISMATCH);
    }

    private static void answer(Reply reply, Duration lifetime, Octets ticket) {
        reply.success(Lifetimes.attribute(lifetime), new MobilityTicket(ticket));
    }
}
