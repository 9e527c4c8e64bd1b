package io.turnpike.node.turn;

import io.turnpike.node.allocation.TcpPeers;
import io.turnpike.node.event.RelayTransport;
import io.turnpike.stun.AddressFamily;
import io.turnpike.stun.ConnectionId;
import io.turnpike.stun.ErrorCode;
import io.turnpike.stun.XorPeerAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * Connect: opens a connection from a relayed TCP address to a peer (RFC 6062 section 5.2). It needs no permission: the
 * client names the peer itself. The answer comes when the peer has answered, or with the allocation's end.
 */
final class ConnectHandler {
    private final List<Request.Check> checks = List.of(
            // RFC 6062 section 5.2: 437 without an allocation.
            Request::hasAllocation,
            // RFC 8656 section 5: 441 for anybody else.
            Request::isByTheOwner,
            // RFC 6062 section 4.3: only for a TCP allocation.
            ConnectHandler::relaysTcp,
            // RFC 6062 section 5.2: 400 without XOR-PEER-ADDRESS, or with one that no connection can have.
            ConnectHandler::namesAPeer,
            // RFC 6062 section 5.2: 446 while a connection to the peer is being made, waits or is in use.
            ConnectHandler::isNotConnected,
            // RFC 8656 section 19: 443 for a family that the allocation does not have.
            ConnectHandler::familyIsAllocated,
            // RFC 6062 section 5.2: 403 for a peer that the administrator forbids.
            this::peerIsAllowed,
            // RFC 8656 section 19: 508 when the allocation has all that it may have, or asks for new peers too fast.
            ConnectHandler::thereIsRoom);

    private final PeerGate peers;

    ConnectHandler(PeerGate peers) {
        this.peers = peers;
    }

    void handle(Request request) {
        Optional<ErrorCode> violation = request.firstViolation(checks);
        Reply reply = request.reply();
        if (violation.isPresent()) {
            reply.error(violation.get());
            return;
        }
        request.allocation().tcpPeers().connect(peer(request), new TcpPeers.Attempt() {
            @Override
            public void connected(int connectionId) {
                reply.success(new ConnectionId(connectionId));
            }

            @Override
            public void failed() {
                // RFC 6062 section 5.2: 447 when the attempt fails or times out.
                reply.error(ErrorCode.CONNECTION_TIMEOUT_OR_FAILURE);
            }
        });
    }

    private static InetSocketAddress peer(Request request) {
        return request.attribute(XorPeerAddress.class).orElseThrow().address();
    }

    private static Optional<ErrorCode> relaysTcp(Request request) {
        return Request.unless(request.allocation().relayTransport() == RelayTransport.TCP, ErrorCode.FORBIDDEN);
    }

    private static Optional<ErrorCode> namesAPeer(Request request) {
        return Request.unless(
                request.attribute(XorPeerAddress.class).filter(peer -> peer.address().getPort() != 0).isPresent(),
                ErrorCode.BAD_REQUEST);
    }

    private static Optional<ErrorCode> isNotConnected(Request request) {
        return Request.unless(!request.allocation().tcpPeers().contains(peer(request)),
                ErrorCode.CONNECTION_ALREADY_EXISTS);
    }

    private static Optional<ErrorCode> familyIsAllocated(Request request) {
        return Request.unless(request.relays(AddressFamily.of(peer(request).getAddress())),
                ErrorCode.PEER_ADDRESS_FAMILY_MISMATCH);
    }

    /** A connection of the relayed address to itself would be one socket that hears its own words. */
    private Optional<ErrorCode> peerIsAllowed(Request request) {
        InetSocketAddress peer = peer(request);
        boolean itself = request.allocation().transports().stream().anyMatch(own -> own.address().equals(peer));
        return Request.unless(!itself && peers.allowsConnection(request.allocation(), peer), ErrorCode.FORBIDDEN);
    }

    private static Optional<ErrorCode> thereIsRoom(Request request) {
        return Request.unless(request.allocation().tcpPeers().admits(), ErrorCode.INSUFFICIENT_CAPACITY);
    }
}
