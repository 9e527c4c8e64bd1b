package io.turnpike.node.event;

import java.time.Duration;
import java.time.Instant;

/**
 * An allocation's lifetime was renewed (RFC 8656 section 8).
 *
 * @param occurredAt wall clock of the node
 * @param allocation the allocation
 * @param allocationSeq 0, 1, 2 ... over the events of the allocation
 * @param transport how the client reached the relay
 * @param relayFamily family of the relayed transport address
 * @param lifetime granted lifetime
 */
public record AllocationRefreshed(Instant occurredAt, AllocationRef allocation, int allocationSeq,
        ClientTransport transport, RelayFamily relayFamily, Duration lifetime) implements AllocationStep {
    @Override
    public <R> R accept(EventVisitor<R> visitor) {
        return visitor.visit(this);
    }
}
