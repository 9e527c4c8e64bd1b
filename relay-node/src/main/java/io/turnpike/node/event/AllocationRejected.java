package io.turnpike.node.event;

import java.time.Duration;
import java.time.Instant;

/**
 * An authenticated Allocate request was refused.
 *
 * @param occurredAt wall clock of the node
 * @param tenantId tenant
 * @param userId user as the request named it
 * @param errorCode STUN error code of the response
 * @param transport how the client reached the relay
 * @param clientPrefix client address cut to /24 (IPv4) or /48 (IPv6), or empty
 * @param software SOFTWARE attribute of the client, or empty
 * @param sinceFirstRequest time since the first request from this five-tuple, the challenge included
 */
public record AllocationRejected(Instant occurredAt, String tenantId, String userId, int errorCode,
        ClientTransport transport, String clientPrefix, String software,
        Duration sinceFirstRequest) implements RelayEvent {
    @Override
    public EventPriority priority() {
        return EventPriority.LIFECYCLE;
    }

    @Override
    public <R> R accept(EventVisitor<R> visitor) {
        return visitor.visit(this);
    }
}
