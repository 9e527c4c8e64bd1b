package io.turnpike.node.event;

/**
 * Names the allocation that an event is about, and whose it is.
 *
 * @param tenantId tenant
 * @param userId user within the tenant, without the expiry prefix
 * @param allocationId {@link NodeIdentity#allocationId}
 */
public record AllocationRef(String tenantId, String userId, String allocationId) {}
