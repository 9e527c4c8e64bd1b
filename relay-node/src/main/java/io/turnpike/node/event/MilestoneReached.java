package io.turnpike.node.event;

import java.time.Duration;
import java.time.Instant;

/**
 * Something happened for the first time on an allocation.
 *
 * @param occurredAt wall clock of the node
 * @param allocation the allocation
 * @param allocationSeq 0, 1, 2 ... over the events of the allocation
 * @param milestone what
 * @param sinceCreated time since the allocation was created
 * @param bothWays whether data has gone both ways with this
 */
public record MilestoneReached(Instant occurredAt, AllocationRef allocation, int allocationSeq, Milestone milestone,
        Duration sinceCreated, boolean bothWays) implements AllocationStep {
    @Override
    public <R> R accept(EventVisitor<R> visitor) {
        return visitor.visit(this);
    }
}
