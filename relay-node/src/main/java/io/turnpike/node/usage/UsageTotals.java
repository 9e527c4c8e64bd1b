package io.turnpike.node.usage;

import io.turnpike.node.event.DirectionCount;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What all allocations of one event loop relayed since the start, for metrics. The loop writes; any thread may read
 * figures that are at most one packet old.
 */
public final class UsageTotals {
    private static final int TO_PEER = 0;
    private static final int TO_CLIENT = 3;

    private final AtomicLongArray counts = new AtomicLongArray(6);

    /** Counts data from the client to a peer. Confined to the loop. */
    public void clientToPeer(int clientWireBytes, int payloadBytes) {
        count(TO_PEER, clientWireBytes, payloadBytes);
    }

    /** Counts data from a peer to the client. Confined to the loop. */
    public void peerToClient(int clientWireBytes, int payloadBytes) {
        count(TO_CLIENT, clientWireBytes, payloadBytes);
    }

    /** Data from clients to peers, measured on the clients' legs. */
    public DirectionCount clientToPeer() {
        return read(TO_PEER);
    }

    /** Data from peers to clients, measured on the clients' legs. */
    public DirectionCount peerToClient() {
        return read(TO_CLIENT);
    }

    private void count(int base, int clientWireBytes, int payloadBytes) {
        counts.setOpaque(base, counts.getPlain(base) + clientWireBytes);
        counts.setOpaque(base + 1, counts.getPlain(base + 1) + payloadBytes);
        counts.setOpaque(base + 2, counts.getPlain(base + 2) + 1);
    }

    private DirectionCount read(int base) {
        return new DirectionCount(counts.getOpaque(base), counts.getOpaque(base + 1), counts.getOpaque(base + 2));
    }
}
