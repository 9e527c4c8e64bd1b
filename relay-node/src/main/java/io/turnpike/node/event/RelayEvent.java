package io.turnpike.node.event;

import java.time.Instant;

/**
 * What happened on a relay: one immutable record per kind of step. Plain values without Avro, so that event loops make
 * them and only the publisher thread knows how they travel.
 */
public sealed interface RelayEvent
        permits AllocationStep, AllocationRejected, AuthenticationFailed, TenantUsageReported, NodeStatusReported {
    /** Wall clock of the node when it happened. */
    Instant occurredAt();

    /** Tenant, or empty where none applies. */
    String tenantId();

    /** User within the tenant, or empty where none applies. */
    String userId();

    /** What may be given up for it, and for what it may be given up. */
    EventPriority priority();

    /** Calls the visitor's method for this kind. */
    <R> R accept(EventVisitor<R> visitor);
}
