package io.turnpike.telemetry.ledger;

import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.Revocation;
import io.turnpike.control.v1.TenantRecord;
import java.util.Optional;

/** Tenants, policies and revocations that the ledger's task keeps, as the writer of commands needs them. */
public interface TenantStore extends CommandStore {
    /** Keeps a tenant. */
    void put(TenantRecord tenant);

    /** The tenant's own policy. */
    Optional<QuotaPolicy> policy(String tenantId);

    /** Keeps a policy. */
    void put(QuotaPolicy policy);

    /** The newest revocation of a user. */
    Optional<Revocation> revocation(String tenantId, String userId);

    /** Keeps a revocation in place of the user's older one. */
    void put(Revocation revocation);
}
