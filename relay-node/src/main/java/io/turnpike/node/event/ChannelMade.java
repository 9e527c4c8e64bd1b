package io.turnpike.node.event;

import java.time.Instant;

/**
 * A channel was bound; refreshes are not reported (RFC 8656 section 12).
 *
 * @param occurredAt wall clock of the node
 * @param allocation the allocation
 * @param allocationSeq 0, 1, 2 ... over the events of the allocation
 * @param peerClass kind of the peer's address
 * @param channel channel number
 */
public record ChannelMade(Instant occurredAt, AllocationRef allocation, int allocationSeq, PeerClass peerClass,
        int channel) implements AllocationStep {
    @Override
    public <R> R accept(EventVisitor<R> visitor) {
        return visitor.visit(this);
    }
}
