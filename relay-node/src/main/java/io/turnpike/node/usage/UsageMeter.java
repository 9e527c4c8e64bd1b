package io.turnpike.node.usage;

import io.turnpike.node.event.DirectionCount;
import java.util.Map;

/**
 * Counts what one allocation relayed: cumulative, in four directions, each in wire bytes, payload bytes and packets.
 * Only what a socket took is counted; control messages are not relayed data and are not counted here. Confined to the
 * allocation's event loop, which is the single writer.
 *
 * <p>Wire bytes of the client's leg include the TURN framing and its padding, not the IP, UDP, TCP or TLS headers. On a
 * UDP peer leg they equal the payload.
 */
public final class UsageMeter {
    /** Null until the first drop: most allocations never have one. */
    private DropCounts drops;
    private long clientToPeerWireBytes;
    private long clientToPeerPayloadBytes;
    private long clientToPeerPackets;
    private long peerToClientWireBytes;
    private long peerToClientPayloadBytes;
    private long peerToClientPackets;

    /** Counts data that came from the client and went to a peer. */
    public void clientToPeer(int clientWireBytes, int payloadBytes) {
        clientToPeerWireBytes += clientWireBytes;
        clientToPeerPayloadBytes += payloadBytes;
        clientToPeerPackets++;
    }

    /** Counts data that came from a peer and went to the client. */
    public void peerToClient(int clientWireBytes, int payloadBytes) {
        peerToClientWireBytes += clientWireBytes;
        peerToClientPayloadBytes += payloadBytes;
        peerToClientPackets++;
    }

    /** Counts data that was thrown away. */
    public void drop(DropReason reason) {
        if (drops == null) {
            drops = new DropCounts();
        }
        drops.count(reason);
    }

    /** What was thrown away, by label. */
    public Map<String, Long> dropsByLabel() {
        return drops == null ? Map.of() : drops.byLabel();
    }

    /** Received from the client and relayed. */
    public DirectionCount clientToRelay() {
        return new DirectionCount(clientToPeerWireBytes, clientToPeerPayloadBytes, clientToPeerPackets);
    }

    /** Sent to peers. */
    public DirectionCount relayToPeer() {
        return new DirectionCount(clientToPeerPayloadBytes, clientToPeerPayloadBytes, clientToPeerPackets);
    }

    /** Received from peers and relayed. */
    public DirectionCount peerToRelay() {
        return new DirectionCount(peerToClientPayloadBytes, peerToClientPayloadBytes, peerToClientPackets);
    }

    /** Sent to the client. */
    public DirectionCount relayToClient() {
        return new DirectionCount(peerToClientWireBytes, peerToClientPayloadBytes, peerToClientPackets);
    }

    /** Packets relayed in both directions: what tells a sampler whether anything moved. */
    public long packets() {
        return clientToPeerPackets + peerToClientPackets;
    }
}
