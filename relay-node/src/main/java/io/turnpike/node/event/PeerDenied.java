package io.turnpike.node.event;

import java.time.Instant;

/**
 * The peer policy refused a permission or a channel.
 *
 * @param occurredAt wall clock of the node
 * @param allocation the allocation
 * @param allocationSeq 0, 1, 2 ... over the events of the allocation
 * @param peerClass kind of the peer's address
 * @param errorCode STUN error code of the response
 */
public record PeerDenied(Instant occurredAt, AllocationRef allocation, int allocationSeq, PeerClass peerClass,
        int errorCode) implements AllocationStep {
    @Override
    public <R> R accept(EventVisitor<R> visitor) {
        return visitor.visit(this);
    }
}
