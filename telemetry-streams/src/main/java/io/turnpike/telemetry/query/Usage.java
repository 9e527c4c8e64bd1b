package io.turnpike.telemetry.query;

/**
 * Relayed traffic in the four directions, and what of it is billed.
 *
 * @param clientToRelay received from clients and relayed
 * @param relayToPeer sent to peers
 * @param peerToRelay received from peers and relayed
 * @param relayToClient sent to clients
 * @param billableBytes wire bytes that the tenant's rule bills
 * @param adjustmentBytes what of the billable bytes was moved in an earlier month, which was closed when it came to be known;
 *        of buckets alone, an allocation's usage does not say it
 */
public record Usage(DirectionUsage clientToRelay, DirectionUsage relayToPeer, DirectionUsage peerToRelay,
        DirectionUsage relayToClient, long billableBytes, long adjustmentBytes) {
    /** Nothing. */
    public static final Usage ZERO = new Usage(DirectionUsage.ZERO, DirectionUsage.ZERO, DirectionUsage.ZERO,
            DirectionUsage.ZERO, 0, 0);

    /** Usage without adjustments. */
    public Usage(DirectionUsage clientToRelay, DirectionUsage relayToPeer, DirectionUsage peerToRelay,
            DirectionUsage relayToClient, long billableBytes) {
        this(clientToRelay, relayToPeer, peerToRelay, relayToClient, billableBytes, 0);
    }

    /** The sum; throws on overflow. */
    public Usage plus(Usage other) {
        return new Usage(clientToRelay.plus(other.clientToRelay), relayToPeer.plus(other.relayToPeer),
                peerToRelay.plus(other.peerToRelay), relayToClient.plus(other.relayToClient),
                Math.addExact(billableBytes, other.billableBytes),
                Math.addExact(adjustmentBytes, other.adjustmentBytes));
    }
}
