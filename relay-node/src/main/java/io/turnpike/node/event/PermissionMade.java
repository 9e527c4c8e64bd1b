package io.turnpike.node.event;

import java.time.Instant;

/**
 * A permission was installed; refreshes are not reported (RFC 8656 section 10).
 *
 * @param occurredAt wall clock of the node
 * @param allocation the allocation
 * @param allocationSeq 0, 1, 2 ... over the events of the allocation
 * @param peerClass kind of the peer's address
 */
public record PermissionMade(Instant occurredAt, AllocationRef allocation, int allocationSeq,
        PeerClass peerClass) implements AllocationStep {
    @Override
    public <R> R accept(EventVisitor<R> visitor) {
        return visitor.visit(this);
    }
}
