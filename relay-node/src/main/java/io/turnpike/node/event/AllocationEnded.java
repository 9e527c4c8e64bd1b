package io.turnpike.node.event;

import java.time.Duration;
import java.time.Instant;

/**
 * An allocation is gone. Its final counters are a {@link UsageSampled}, offered before this.
 *
 * @param occurredAt wall clock of the node
 * @param allocation the allocation
 * @param allocationSeq 0, 1, 2 ... over the events of the allocation
 * @param transport how the client reached the relay
 * @param relayFamily family of the relayed transport address
 * @param reason why
 * @param lived time since the allocation was created
 */
public record AllocationEnded(Instant occurredAt, AllocationRef allocation, int allocationSeq,
        ClientTransport transport, RelayFamily relayFamily, EndReason reason,
        Duration lived) implements AllocationStep {
    @Override
    public EventPriority priority() {
        return EventPriority.FINAL;
    }

    @Override
    public <R> R accept(EventVisitor<R> visitor) {
        return visitor.visit(this);
    }
}
