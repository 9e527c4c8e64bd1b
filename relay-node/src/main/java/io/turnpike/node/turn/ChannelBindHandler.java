package io.turnpike.node.turn;

import io.turnpike.node.allocation.Channel;
import io.turnpike.node.event.RelayTransport;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.ChannelNumber;
import io.turnpike.stun.ErrorCode;
import io.turnpike.stun.TransportAddress;
import io.turnpike.stun.XorPeerAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/** ChannelBind: names a peer by a number (RFC 8656 section 12.2). On an error the old binding stays as it was. */
final class ChannelBindHandler {
    private final List<Request.Check> checks = List.of(
            // RFC 8656 section 5: 437 without an allocation.
            Request::hasAllocation,
            // RFC 8656 section 5: 441 for anybody else.
            Request::isByTheOwner,
            // RFC 6062 section 4.5: not for a TCP allocation, whose data has connections of its own.
            ChannelBindHandler::relaysUdp,
            // RFC 8656 section 12.2: 400 unless CHANNEL-NUMBER and XOR-PEER-ADDRESS are there.
            ChannelBindHandler::hasNumberAndPeer,
            // RFC 8656 section 12.2: 400 for a number outside the range; old clients use that of RFC 5766 section 11.
            ChannelBindHandler::numberIsInRange,
            // RFC 8656 section 12.2: 400 while the number is bound to another peer.
            ChannelBindHandler::numberIsNotAnotherPeers,
            // RFC 8656 section 12.2: 400 while the peer is bound to another number.
            ChannelBindHandler::peerHasNoOtherNumber,
            // RFC 8656 section 12.2: 443 for a family that the allocation does not have.
            ChannelBindHandler::familyIsAllocated,
            // RFC 8656 section 12.2: 403 for a peer that the administrator forbids.
            this::peerIsAllowed,
            // RFC 8656 section 12.2: 508 when no more can be remembered, or too many are new at once.
            ChannelBindHandler::thereIsRoom);

    private final PeerGate peers;

    ChannelBindHandler(PeerGate peers) {
        this.peers = peers;
    }

    void handle(Request request) {
        Optional<ErrorCode> violation = request.firstViolation(checks);
        if (violation.isPresent()) {
            request.reply().error(violation.get());
            return;
        }
        request.allocation().bind(number(request), peer(request));
        request.reply().success();
    }

    private static int number(Request request) {
        return request.attribute(ChannelNumber.class).orElseThrow().number();
    }

    private static InetSocketAddress peer(Request request) {
        return request.attribute(XorPeerAddress.class).orElseThrow().address();
    }

    private static Optional<ErrorCode> relaysUdp(Request request) {
        return Request.unless(request.allocation().relayTransport() == RelayTransport.UDP, ErrorCode.FORBIDDEN);
    }

    private static Optional<ErrorCode> hasNumberAndPeer(Request request) {
        return Request.unless(request.attribute(ChannelNumber.class).isPresent()
                && request.attribute(XorPeerAddress.class).isPresent(), ErrorCode.BAD_REQUEST);
    }

    private static Optional<ErrorCode> numberIsInRange(Request request) {
        return Request.unless(request.allocation().owner().channelNumbers().test(number(request)),
                ErrorCode.BAD_REQUEST);
    }

    private static Optional<ErrorCode> numberIsNotAnotherPeers(Request request) {
        Channel bound = request.allocation().channel(number(request));
        return Request.unless(bound == null || bound.address().is(TransportAddress.of(peer(request))),
                ErrorCode.BAD_REQUEST);
    }

    private static Optional<ErrorCode> peerHasNoOtherNumber(Request request) {
        Channel bound = request.allocation().channel(TransportAddress.of(peer(request)));
        return Request.unless(bound == null || bound.number() == number(request), ErrorCode.BAD_REQUEST);
    }

    private static Optional<ErrorCode> familyIsAllocated(Request request) {
        return Request.unless(request.relays(AddressFamily.of(peer(request).getAddress())),
                ErrorCode.PEER_ADDRESS_FAMILY_MISMATCH);
    }

    private Optional<ErrorCode> peerIsAllowed(Request request) {
        return Request.unless(peers.allows(request.allocation(), peer(request)), ErrorCode.FORBIDDEN);
    }

    private static Optional<ErrorCode> thereIsRoom(Request request) {
        return Request.unless(
                request.allocation().hasRoomForChannel(number(request))
                        && request.allocation().admits(List.of(peer(request).getAddress())),
                ErrorCode.INSUFFICIENT_CAPACITY);
    }
}
