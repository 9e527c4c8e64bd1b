package io.turnpike.node.event;

import java.time.Instant;
import java.util.Map;

/**
 * Cumulative counters of one allocation: a later one says everything that an earlier one said.
 *
 * @param occurredAt wall clock of the node
 * @param allocation the allocation
 * @param allocationSeq 0, 1, 2 ... over the events of the allocation
 * @param intervalStart the previous sample, or the creation
 * @param clientToRelay received from the client and relayed
 * @param relayToPeer sent to peers
 * @param peerToRelay received from peers and relayed
 * @param relayToClient sent to the client
 * @param billableRule which of these wire bytes are billed
 * @param droppedPackets cumulative drops by reason label; never billed
 * @param peers live permissions
 * @param finalSample true for the last sample of the allocation
 */
public record UsageSampled(Instant occurredAt, AllocationRef allocation, int allocationSeq, Instant intervalStart,
        DirectionCount clientToRelay, DirectionCount relayToPeer, DirectionCount peerToRelay,
        DirectionCount relayToClient, BillableRule billableRule, Map<String, Long> droppedPackets, int peers,
        boolean finalSample) implements AllocationStep {
    /** Copies the collections. */
    public UsageSampled {
        droppedPackets = Map.copyOf(droppedPackets);
    }

    /** The interval: its bytes belong to it, whenever it ends. */
    @Override
    public Instant beginsAt() {
        return intervalStart;
    }

    /** The same sample over the interval of an earlier one too, which it replaces. */
    public UsageSampled since(UsageSampled replaced) {
        return replaced.intervalStart.isBefore(intervalStart)
                ? new UsageSampled(occurredAt, allocation, allocationSeq, replaced.intervalStart, clientToRelay,
                        relayToPeer, peerToRelay, relayToClient, billableRule, droppedPackets, peers, finalSample)
                : this;
    }

    @Override
    public EventPriority priority() {
        return finalSample ? EventPriority.FINAL : EventPriority.PERIODIC;
    }

    @Override
    public <R> R accept(EventVisitor<R> visitor) {
        return visitor.visit(this);
    }
}
