package io.turnpike.node.turn;

import io.turnpike.node.allocation.ClientLeg;
import io.turnpike.node.allocation.PeerConnections;
import io.turnpike.stun.ConnectionId;
import io.turnpike.stun.ErrorCode;
import java.util.List;
import java.util.Optional;

/**
 * ConnectionBind: joins a client's new connection to a connection of a peer (RFC 6062 section 5.4). The peer's connection
 * may live on another event loop; until that has answered, nothing more of the client's connection is read as messages.
 */
final class ConnectionBindHandler {
    private final List<Request.Check> checks = List.of(
            // RFC 6062 section 5.4: 400 unless the client's connection is TCP or TLS.
            ConnectionBindHandler::comesOnAStream,
            // RFC 6062 section 4.3: 400 on a connection that is an allocation's control connection.
            ConnectionBindHandler::connectionIsNew,
            // RFC 6062 section 5.4: 400 without CONNECTION-ID.
            ConnectionBindHandler::namesAConnection);

    private final PeerConnections connections;

    ConnectionBindHandler(PeerConnections connections) {
        this.connections = connections;
    }

    void handle(Request request) {
        Optional<ErrorCode> violation = request.firstViolation(checks);
        Reply reply = request.reply();
        if (violation.isPresent()) {
            reply.error(violation.get());
            return;
        }
        ClientLeg leg = reply.leg();
        leg.holdBack();
        int id = request.attribute(ConnectionId.class).orElseThrow().id();
        connections.claim(id, request.owner(), claim -> {
            if (claim.refusal().isPresent()) {
                reply.error(claim.refusal().get());
                leg.readOn();
            } else {
                reply.success();
                leg.becomeStream(claim.loop(), claim.clientSide());
            }
        });
    }

    private static Optional<ErrorCode> comesOnAStream(Request request) {
        return Request.unless(request.reply().leg().isStream(), ErrorCode.BAD_REQUEST);
    }

    private static Optional<ErrorCode> connectionIsNew(Request request) {
        return Request.unless(request.allocation() == null, ErrorCode.BAD_REQUEST);
    }

    private static Optional<ErrorCode> namesAConnection(Request request) {
        return Request.unless(request.attribute(ConnectionId.class).isPresent(), ErrorCode.BAD_REQUEST);
    }
}
