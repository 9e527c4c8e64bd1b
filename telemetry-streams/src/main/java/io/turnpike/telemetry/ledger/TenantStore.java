package io.turnpike.telemetry.ledger;

import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.Revocation;
import io.turnpike.control.v1.TenantRecord;
import java.util.List;
import java.util.Optional;

/** Tenants, policies, revocations and recent audits that the ledger's task keeps, as the writer of commands needs them. */
public interface TenantStore {
    /** The tenant's newest record, a deleted tenant's too. */
    Optional<TenantRecord> tenant(String tenantId);

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

    /** The tenant's recent audits, oldest first; their number is bounded. */
    List<QuotaAudit> recentAudits(String tenantId);
}
