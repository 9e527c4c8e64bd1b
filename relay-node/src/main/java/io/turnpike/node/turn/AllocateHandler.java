package io.turnpike.node.turn;

import io.turnpike.node.allocation.Allocation;
import io.turnpike.node.allocation.AllocationGrant;
import io.turnpike.node.allocation.AllocationOrigin;
import io.turnpike.node.allocation.AllocationOwner;
import io.turnpike.node.allocation.AllocationTable;
import io.turnpike.node.allocation.ClientLeg;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.allocation.RelayPlan;
import io.turnpike.node.event.RelayTransport;
import io.turnpike.node.quota.Admission;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.AdditionalAddressFamily;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.AttributeType;
import io.turnpike.stun.ErrorCode;
import io.turnpike.stun.EvenPort;
import io.turnpike.stun.Lifetime;
import io.turnpike.stun.MobilityTicket;
import io.turnpike.stun.RequestedAddressFamily;
import io.turnpike.stun.RequestedTransport;
import io.turnpike.stun.ReservationToken;
import io.turnpike.stun.StunAttribute;
import io.turnpike.stun.XorMappedAddress;
import io.turnpike.stun.XorRelayedAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Allocate: makes an allocation (RFC 8656 section 7.2). The quota is asked last, because its answer may come later from
 * the ledger; until then the five-tuple is only marked as waiting. Confined to its event loop.
 */
final class AllocateHandler {
    private final List<Request.Check> checks = List.of(
            // RFC 8656 section 7.2 step 2: 437 while the five-tuple has an allocation.
            AllocateHandler::fiveTupleIsFree,
            // RFC 8016 section 3.1.2: 400 for a ticket; an Allocate may only ask for one.
            AllocateHandler::mobilityTicketIsEmpty,
            // RFC 8016 section 3.1.2: 405 where allocations may not move.
            this::mobilityIsAllowed,
            // RFC 8656 section 7.2 step 3: 400 without REQUESTED-TRANSPORT.
            AllocateHandler::namesATransport,
            // RFC 6062 section 5.1: 442 for anything but UDP and TCP.
            AllocateHandler::transportIsKnown,
            // RFC 6062 section 5.1: 403 where the administrator forbids TCP.
            this::tcpIsAllowed,
            // RFC 6062 section 5.1: 400 for TCP unless the client's connection is TCP or TLS.
            AllocateHandler::tcpComesOnAStream,
            // RFC 6062 section 5.1: 400 for TCP with what only UDP has.
            AllocateHandler::tcpHasNoWishesOfUdp,
            // RFC 8656 section 7.2 step 5: 400 for a token together with wishes that the held port has settled.
            AllocateHandler::tokenStandsAlone,
            // RFC 8656 section 7.2 step 6: 400 for both family attributes.
            AllocateHandler::namesOneFamilyAttribute,
            // RFC 8656 section 7.2 step 7: 440 for a family that is not relayed here.
            this::familyIsSupported,
            // RFC 8656 section 7.2 step 8: 400 unless the additional family is IPv6.
            AllocateHandler::additionalFamilyIsIpv6,
            // RFC 8656 section 7.2 step 9: 400 for a held port of a dual-stack allocation.
            AllocateHandler::holdsNoPortForTwoFamilies);

    private final AllocationTable allocations;
    private final Admissions admissions;
    private final Lifetimes lifetimes;
    private final RequestLog log;
    private final Drain drain;
    /** Who waits for the quota; by the reply itself, because another connection may have the same addresses later. */
    private final Map<FiveTuple, Reply> waiting = new HashMap<>();

    AllocateHandler(AllocationTable allocations, Admissions admissions, Lifetimes lifetimes, RequestLog log,
            Drain drain) {
        this.allocations = allocations;
        this.admissions = admissions;
        this.lifetimes = lifetimes;
        this.log = log;
        this.drain = drain;
    }

    void handle(Request request) {
        if (isRetransmission(request)) {
            // RFC 8656 section 7.2 step 2: the same transaction gets the same answer.
            answer(request.reply(), request.allocation());
            return;
        }
        FiveTuple fiveTuple = request.reply().leg().fiveTuple();
        if (waiting.containsKey(fiveTuple)) {
            log.drop(DropReason.REQUEST_PENDING);
            return;
        }
        Optional<ErrorCode> violation = request.firstViolation(checks);
        if (violation.isPresent()) {
            refuse(request.reply(), request.owner(), origin(request), violation.get());
            return;
        }
        if (drain.isDraining() && !request.frame().has(AttributeType.RESERVATION_TOKEN)) {
            // RFC 8656 section 7.2, RFC 8489 section 10; a held port is part of an allocation that lives here.
            request.reply().error(drain.refusal(fiveTuple));
            return;
        }
        RelayPlan plan = plan(request);
        AllocationOrigin origin = origin(request);
        Duration lifetime = lifetimes.granted(request.attribute(Lifetime.class),
                request.owner().credentialDeadline(), allocations.now());
        Reply reply = request.reply();
        AllocationOwner owner = request.owner();
        waiting.put(fiveTuple, reply);
        admissions.admit(owner, admission -> admitted(admission, reply, owner, origin, plan, lifetime));
    }

    /** The client's connection is gone: an answer that is still awaited must not make an allocation. */
    void disconnected(FiveTuple fiveTuple) {
        waiting.remove(fiveTuple);
    }

    /** Whether an Allocate of the five-tuple waits for its answer. */
    boolean awaits(FiveTuple fiveTuple) {
        return waiting.containsKey(fiveTuple);
    }

    private void admitted(Admission admission, Reply reply, AllocationOwner owner, AllocationOrigin origin,
            RelayPlan plan,
            Duration lifetime) {
        ClientLeg leg = reply.leg();
        boolean stillWanted = waiting.remove(leg.fiveTuple(), reply);
        if (admission instanceof Admission.Admitted admitted) {
            if (!stillWanted) {
                admitted.allowance().close();
                return;
            }
            Optional<Allocation> made = allocations.create(leg, owner, plan, lifetime, admitted.allowance(),
                    origin);
            // RFC 8656 section 7.2: 508 when no relayed transport address can be had; section 19: 403 where the credential
            // was good when the request came and the administrator has taken it back while it waited.
            made.ifPresentOrElse(allocation -> answer(reply, allocation),
                    () -> refuse(reply, owner, origin, allocations.objection(owner).isEmpty()
                            ? ErrorCode.INSUFFICIENT_CAPACITY
                            : ErrorCode.FORBIDDEN));
        } else if (stillWanted) {
            // RFC 8656 section 7.2 step 11: 486 when the quota says no.
            refuse(reply, owner, origin, ErrorCode.ALLOCATION_QUOTA_REACHED);
        }
    }

    private void refuse(Reply reply, AllocationOwner owner, AllocationOrigin origin, ErrorCode error) {
        log.rejected(reply.leg(), owner, origin, error);
        reply.error(error);
    }

    private static void answer(Reply reply, Allocation allocation) {
        AllocationGrant grant = allocation.grant();
        List<StunAttribute> attributes = new ArrayList<>();
        for (InetSocketAddress relayed : grant.relayed()) {
            attributes.add(new XorRelayedAddress(relayed));
        }
        attributes.add(Lifetimes.attribute(grant.lifetime()));
        grant.token().ifPresent(token -> attributes.add(new ReservationToken(token)));
        allocation.mobilityTicket().ifPresent(ticket -> attributes.add(new MobilityTicket(ticket)));
        // RFC 8656 section 7.2: partial success names the family that is missing.
        grant.missing().ifPresent(attributes::add);
        attributes.add(new XorMappedAddress(reply.leg().fiveTuple().client()));
        reply.success(attributes);
    }

    private static AllocationOrigin origin(Request request) {
        return new AllocationOrigin(request.reply().transactionId(), Request.software(request.frame()), Duration.ZERO,
                request.frame().has(AttributeType.MOBILITY_TICKET));
    }

    private static RelayPlan plan(Request request) {
        Optional<ReservationToken> token = request.attribute(ReservationToken.class);
        List<AddressFamily> families = new ArrayList<>();
        // RFC 8656 section 7.2: IPv4 unless the request says otherwise, whatever the client's own family is.
        families.add(request.attribute(RequestedAddressFamily.class).flatMap(RequestedAddressFamily::family)
                .orElse(AddressFamily.IPV4));
        if (request.attribute(AdditionalAddressFamily.class).isPresent()) {
            families.add(AddressFamily.IPV6);
        }
        RelayPlan.PortWish port = request.attribute(EvenPort.class)
                .map(even -> even.reserveNext() ? RelayPlan.PortWish.EVEN_AND_HOLD_NEXT : RelayPlan.PortWish.EVEN)
                .orElse(RelayPlan.PortWish.ANY);
        return new RelayPlan(transport(request), families, port,
                token.map(held -> OptionalLong.of(held.token())).orElse(OptionalLong.empty()));
    }

    private static boolean isRetransmission(Request request) {
        return request.allocation() != null
                && request.allocation().origin().transactionId().equals(request.reply().transactionId())
                && request.isByTheOwner().isEmpty();
    }

    private static Optional<ErrorCode> fiveTupleIsFree(Request request) {
        return Request.unless(request.allocation() == null, ErrorCode.ALLOCATION_MISMATCH);
    }

    private static Optional<ErrorCode> mobilityTicketIsEmpty(Request request) {
        return Request.unless(request.attribute(MobilityTicket.class).filter(ticket -> ticket.ticket().length() > 0)
                .isEmpty(), ErrorCode.BAD_REQUEST);
    }

    private Optional<ErrorCode> mobilityIsAllowed(Request request) {
        return Request.unless(allocations.mobility().isAllowed() || !request.frame().has(AttributeType.MOBILITY_TICKET),
                ErrorCode.MOBILITY_FORBIDDEN);
    }

    private static Optional<ErrorCode> namesATransport(Request request) {
        return Request.unless(request.frame().has(AttributeType.REQUESTED_TRANSPORT), ErrorCode.BAD_REQUEST);
    }

    private static Optional<ErrorCode> transportIsKnown(Request request) {
        return Request.unless(request.attribute(RequestedTransport.class)
                .filter(transport -> transport.protocol() == RequestedTransport.UDP
                        || transport.protocol() == RequestedTransport.TCP)
                .isPresent(), ErrorCode.UNSUPPORTED_TRANSPORT_PROTOCOL);
    }

    private Optional<ErrorCode> tcpIsAllowed(Request request) {
        return Request.unless(transport(request) == RelayTransport.UDP || allocations.relaysTcp(), ErrorCode.FORBIDDEN);
    }

    private static Optional<ErrorCode> tcpComesOnAStream(Request request) {
        return Request.unless(transport(request) == RelayTransport.UDP || request.reply().leg().isStream(),
                ErrorCode.BAD_REQUEST);
    }

    private static Optional<ErrorCode> tcpHasNoWishesOfUdp(Request request) {
        boolean wishes = request.frame().has(AttributeType.EVEN_PORT)
                || request.frame().has(AttributeType.RESERVATION_TOKEN)
                || request.frame().has(AttributeType.DONT_FRAGMENT);
        return Request.unless(transport(request) == RelayTransport.UDP || !wishes, ErrorCode.BAD_REQUEST);
    }

    private static RelayTransport transport(Request request) {
        return request.attribute(RequestedTransport.class).orElseThrow().protocol() == RequestedTransport.TCP
                ? RelayTransport.TCP
                : RelayTransport.UDP;
    }

    private static Optional<ErrorCode> tokenStandsAlone(Request request) {
        boolean settled = request.frame().has(AttributeType.EVEN_PORT)
                || request.frame().has(AttributeType.REQUESTED_ADDRESS_FAMILY)
                || request.frame().has(AttributeType.ADDITIONAL_ADDRESS_FAMILY);
        return Request.unless(!request.frame().has(AttributeType.RESERVATION_TOKEN) || !settled, ErrorCode.BAD_REQUEST);
    }

    private static Optional<ErrorCode> namesOneFamilyAttribute(Request request) {
        return Request.unless(!request.frame().has(AttributeType.REQUESTED_ADDRESS_FAMILY)
                || !request.frame().has(AttributeType.ADDITIONAL_ADDRESS_FAMILY), ErrorCode.BAD_REQUEST);
    }

    private Optional<ErrorCode> familyIsSupported(Request request) {
        Optional<RequestedAddressFamily> asked = request.attribute(RequestedAddressFamily.class);
        boolean supported;
        if (asked.isPresent()) {
            supported = asked.get().family().filter(allocations::supports).isPresent();
        } else {
            supported = request.frame().has(AttributeType.RESERVATION_TOKEN)
                    || request.frame().has(AttributeType.ADDITIONAL_ADDRESS_FAMILY)
                    || allocations.supports(AddressFamily.IPV4);
        }
        return Request.unless(supported, ErrorCode.ADDRESS_FAMILY_NOT_SUPPORTED);
    }

    private static Optional<ErrorCode> additionalFamilyIsIpv6(Request request) {
        Optional<AdditionalAddressFamily> additional = request.attribute(AdditionalAddressFamily.class);
        return Request.unless(
                additional.isEmpty() || additional.get().familyCode() == AddressFamily.IPV6.code(),
                ErrorCode.BAD_REQUEST);
    }

    private static Optional<ErrorCode> holdsNoPortForTwoFamilies(Request request) {
        boolean holds = request.attribute(EvenPort.class).filter(EvenPort::reserveNext).isPresent();
        return Request.unless(!holds || !request.frame().has(AttributeType.ADDITIONAL_ADDRESS_FAMILY),
                ErrorCode.BAD_REQUEST);
    }
}
