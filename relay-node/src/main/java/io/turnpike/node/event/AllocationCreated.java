package io.turnpike.node.event;

import java.time.Duration;
import java.time.Instant;

/**
 * An allocation was made (RFC 8656 section 7.2).
 *
 * @param occurredAt wall clock of the node
 * @param allocation the allocation
 * @param allocationSeq 0, 1, 2 ... over the events of the allocation
 * @param transport how the client reached the relay
 * @param relayTransport protocol between the relayed transport address and peers
 * @param relayFamily family of the relayed transport address
 * @param clientPrefix client address cut to /24 (IPv4) or /48 (IPv6), or empty
 * @param software SOFTWARE attribute of the client, or empty
 * @param lifetime granted lifetime
 * @param sinceFirstRequest time since the first request from this five-tuple, the challenge included
 */
public record AllocationCreated(Instant occurredAt, AllocationRef allocation, int allocationSeq,
        ClientTransport transport, RelayTransport relayTransport, RelayFamily relayFamily, String clientPrefix,
        String software, Duration lifetime,
        Duration sinceFirstRequest) implements AllocationStep {
    @Override
    public <R> R accept(EventVisitor<R> visitor) {
        return visitor.visit(this);
    }
}
