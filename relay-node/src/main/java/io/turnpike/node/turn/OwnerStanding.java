package io.turnpike.node.turn;

import io.turnpike.node.allocation.AllocationOwner;
import io.turnpike.node.allocation.Standing;
import io.turnpike.node.auth.TenantDirectory;
import java.time.InstantSource;
import java.util.Optional;

/** Judges owners of allocations by the rule that their next request would be judged by. Thread-safe. */
public final class OwnerStanding implements Standing {
    private final TenantDirectory tenants;
    private final InstantSource clock;

    /**
     * Judges by a directory.
     *
     * @param clock wall clock
     */
    public OwnerStanding(TenantDirectory tenants, InstantSource clock) {
        this.tenants = tenants;
        this.clock = clock;
    }

    @Override
    public Optional<Objection> objection(AllocationOwner owner) {
        if (!tenants.serves(owner.tenantId())) {
            return Optional.of(Objection.TENANT_NOT_SERVED);
        }
        return tenants.revocations().refuse(owner.tenantId(), owner.userId(), owner.issuedAt(), clock)
                ? Optional.of(Objection.CREDENTIAL_REVOKED)
                : Optional.empty();
    }
}
