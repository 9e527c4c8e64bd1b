package io.turnpike.node.turn;

import io.turnpike.node.allocation.AllocationTable;
import io.turnpike.node.event.EndReason;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.ErrorCode;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.MobilityTicket;
import io.turnpike.stun.RequestedAddressFamily;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Refresh: extends or deletes an allocation (RFC 8656 section 8.2). */
final class RefreshHandler {
    private final List<Request.Check> checks = List.of(
            // RFC 8656 section 5: 437 without an allocation.
            Request::hasAllocation,
            // RFC 8656 section 5: 441 for anybody else.
            Request::isByTheOwner,
            // RFC 8656 section 8.2: 443 for a family that the allocation does not have.
            RefreshHandler::familyIsAllocated);

    private final AllocationTable allocations;
    private final Lifetimes lifetimes;
    private final Drain drain;
    private final MobilityHandler mobility;

    RefreshHandler(AllocationTable allocations, Lifetimes lifetimes, Drain drain, MobilityHandler mobility) {
        this.allocations = allocations;
        this.lifetimes = lifetimes;
        this.drain = drain;
        this.mobility = mobility;
    }

    void handle(Request request) {
        Optional<MobilityTicket> ticket = request.attribute(MobilityTicket.class);
        if (ticket.isPresent()) {
            mobility.handle(request, ticket.get());
            return;
        }
        Optional<ErrorCode> violation = request.firstViolation(checks);
        if (violation.isPresent()) {
            request.reply().error(violation.get());
            return;
        }
        Optional<AddressFamily> family = request.attribute(RequestedAddressFamily.class)
                .flatMap(RequestedAddressFamily::family);
        Optional<Lifetime> asked = request.attribute(Lifetime.class);
        if (asked.isPresent() && asked.get().seconds() == 0) {
            // RFC 8656 section 8.2: zero deletes; the answer goes out before a stream's last flush.
            request.reply().success(Lifetimes.attribute(Duration.ZERO));
            allocations.release(request.allocation(), family, EndReason.CLIENT_RELEASED);
            return;
        }
        Duration lifetime = drain
                .withinDeadline(lifetimes.granted(asked, request.owner().credentialDeadline(), allocations.now()));
        allocations.refresh(request.allocation(), family, lifetime, request.owner());
        request.reply().success(Lifetimes.attribute(lifetime));
    }

    private static Optional<ErrorCode> familyIsAllocated(Request request) {
        Optional<RequestedAddressFamily> wanted = request.attribute(RequestedAddressFamily.class);
        return Request.unless(wanted.isEmpty() || wanted.get().family().filter(request::relays).isPresent(),
                ErrorCode.PEER_ADDRESS_FAMILY_MISMATCH);
    }
}
