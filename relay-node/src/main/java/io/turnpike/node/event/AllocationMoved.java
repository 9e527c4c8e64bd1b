package io.turnpike.node.event;

import java.time.Instant;

/**
 * An allocation has followed its client to another five-tuple (RFC 8016 section 3.2); it is the same allocation, with the
 * same counters.
 *
 * @param occurredAt wall clock of the node
 * @param allocation the allocation
 * @param allocationSeq 0, 1, 2 ... over the events of the allocation
 * @param from how the client reached the relay before
 * @param transport how the client reaches the relay now
 * @param relayFamily family of the relayed transport address
 * @param clientPrefix new client address cut to /24 (IPv4) or /48 (IPv6)
 */
public record AllocationMoved(Instant occurredAt, AllocationRef allocation, int allocationSeq, ClientTransport from,
        ClientTransport transport, RelayFamily relayFamily, String clientPrefix) implements AllocationStep {
    @Override
    public <R> R accept(EventVisitor<R> visitor) {
        return visitor.visit(this);
    }
}
