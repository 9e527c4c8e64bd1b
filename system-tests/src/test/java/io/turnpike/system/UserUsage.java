package io.turnpike.system;

import com.fasterxml.jackson.databind.JsonNode;

/** Usage as the API tells it and as a client counted it, so that the two can be compared to the byte. */
record UserUsage(Direction clientToRelay, Direction relayToPeer, Direction peerToRelay, Direction relayToClient,
        long billableBytes) {
    static final UserUsage NONE = new UserUsage(Direction.NONE, Direction.NONE, Direction.NONE, Direction.NONE, 0);

    /** One direction: bytes with and without the TURN framing, and packets. */
    record Direction(long wireBytes, long payloadBytes, long packets) {
        static final Direction NONE = new Direction(0, 0, 0);

        static Direction of(JsonNode node) {
            return new Direction(node.get("wireBytes").longValue(), node.get("payloadBytes").longValue(),
                    node.get("packets").longValue());
        }

        Direction withoutPackets() {
            return new Direction(wireBytes, payloadBytes, 0);
        }

        Direction plus(Direction other) {
            return new Direction(wireBytes + other.wireBytes, payloadBytes + other.payloadBytes,
                    packets + other.packets);
        }
    }

    static UserUsage of(JsonNode node) {
        return new UserUsage(Direction.of(node.get("clientToRelay")), Direction.of(node.get("relayToPeer")),
                Direction.of(node.get("peerToRelay")), Direction.of(node.get("relayToClient")),
                node.get("billableBytes").longValue());
    }

    /** The bytes alone: a stream has no packets that its two ends could count the same. */
    UserUsage withoutPackets() {
        return new UserUsage(clientToRelay.withoutPackets(), relayToPeer.withoutPackets(),
                peerToRelay.withoutPackets(), relayToClient.withoutPackets(), billableBytes);
    }

    UserUsage plus(UserUsage other) {
        return new UserUsage(clientToRelay.plus(other.clientToRelay), relayToPeer.plus(other.relayToPeer),
                peerToRelay.plus(other.peerToRelay), relayToClient.plus(other.relayToClient),
                billableBytes + other.billableBytes);
    }
}
