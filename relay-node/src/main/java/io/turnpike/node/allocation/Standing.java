package io.turnpike.node.allocation;

import java.util.Optional;

/**
 * Whether an owner may have allocations, by what the control plane says now: asked when one is made, and of all of them
 * when it has said something new. Thread-safe.
 */
@FunctionalInterface
public interface Standing {
    /** Why somebody may have none. */
    enum Objection {
        /** The tenant is suspended, or there is none. */
        TENANT_NOT_SERVED,
        /** The credential that made or last refreshed the allocation is revoked. */
        CREDENTIAL_REVOKED
    }

    /** What speaks against the owner; empty if nothing does. */
    Optional<Objection> objection(AllocationOwner owner);
}
