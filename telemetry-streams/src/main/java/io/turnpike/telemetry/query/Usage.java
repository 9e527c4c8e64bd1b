package io.turnpike.telemetry.query;

/**
 * Relayed traffic in the four directions, and what of it is billed.
 *
 * @param clientToRelay received from clients and relayed
 * @param relayToPeer sent to peers
 * @param peerToRelay received from peers and relayed
 * @param relayToClient sent to clients
 * @param billableBytes wire bytes that the tenant's rule bills
 */
public record Usage(DirectionUsage clientToRelay, DirectionUsage relayToPeer, DirectionUsage peerToRelay,
        DirectionUsage relayToClient, long billableBytes) {
    /** Nothing. */
    public static final Usage ZERO = new Usage(DirectionUsage.ZERO, DirectionUsage.ZERO, DirectionUsage.ZERO,
            DirectionUsage.ZERO, 0);

    /** The sum; throws on overflow. */
    public Usage plus(Usage other) {
        return new Usage(clientToRelay.plus(other.clientToRelay), relayToPeer.plus(other.relayToPeer),
                peerToRelay.plus(other.peerToRelay), relayToClient.plus(other.relayToClient),
                Math.addExact(billableBytes, other.billableBytes));
    }
}
