package io.turnpike.node.turn;

import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.ErrorCode;
import io.turnpike.stun.XorPeerAddress;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** CreatePermission: lets peers in, all of the request or none (RFC 8656 section 10.2). */
final class CreatePermissionHandler {
    private final List<Request.Check> checks = List.of(
            // RFC 8656 section 5: 437 without an allocation.
            Request::hasAllocation,
            // RFC 8656 section 5: 441 for anybody else.
            Request::isByTheOwner,
            // RFC 8656 section 10.2: 400 without any peer.
            CreatePermissionHandler::namesAPeer,
            // RFC 8656 section 10.2: 508 for more than could ever be remembered, before each of them costs something.
            CreatePermissionHandler::namesNotTooMany,
            // RFC 8656 section 10.2: 443 for a family that the allocation does not have.
            CreatePermissionHandler::familiesAreAllocated,
            // RFC 8656 section 10.2: 403 for a peer that the administrator forbids.
            this::peersAreAllowed,
            // RFC 8656 section 10.2: 508 when no more can be remembered, or too many are new at once.
            CreatePermissionHandler::thereIsRoom);

    private final PeerGate peers;

    CreatePermissionHandler(PeerGate peers) {
        this.peers = peers;
    }

    void handle(Request request) {
        Optional<ErrorCode> violation = request.firstViolation(checks);
        if (violation.isPresent()) {
            request.reply().error(violation.get());
            return;
        }
        // RFC 8656 section 9: a permission is for the address; the port is ignored.
        addresses(request).forEach(request.allocation()::permit);
        request.reply().success();
    }

    private static Set<InetAddress> addresses(Request request) {
        Set<InetAddress> addresses = new HashSet<>();
        for (XorPeerAddress peer : request.frame().peerAddresses()) {
            addresses.add(peer.address().getAddress());
        }
        return addresses;
    }

    private static Optional<ErrorCode> namesAPeer(Request request) {
        return Request.unless(!request.frame().peerAddresses().isEmpty(), ErrorCode.BAD_REQUEST);
    }

    private static Optional<ErrorCode> namesNotTooMany(Request request) {
        return Request.unless(request.allocation().couldHold(request.frame().peerAddresses().size()),
                ErrorCode.INSUFFICIENT_CAPACITY);
    }

    private static Optional<ErrorCode> familiesAreAllocated(Request request) {
        return Request.unless(addresses(request).stream().map(AddressFamily::of).allMatch(request::relays),
                ErrorCode.PEER_ADDRESS_FAMILY_MISMATCH);
    }

    private Optional<ErrorCode> peersAreAllowed(Request request) {
        return Request.unless(
                addresses(request).stream().allMatch(peer -> peers.allowsHost(request.allocation(), peer)),
                ErrorCode.FORBIDDEN);
    }

    private static Optional<ErrorCode> thereIsRoom(Request request) {
        return Request.unless(request.allocation().admits(addresses(request)), ErrorCode.INSUFFICIENT_CAPACITY);
    }
}
