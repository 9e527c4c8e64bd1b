package io.turnpike.telemetry.query;

import io.turnpike.control.v1.TenantSecret;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Tenants and their quotas. Deleted tenants are absent. */
public interface TenantQueries {
    /**
     * Tenants by id.
     *
     * @param limit most tenants on the page, 1 to 1,000
     * @param after id that ends the previous page, empty for the first
     */
    Answer<TenantPage> tenants(int limit, Optional<String> after);

    /** One tenant. */
    Answer<Optional<Tenant>> tenant(String tenantId);

    /** A tenant's secrets as they are stored, sealed, in the order of the record; empty if there is no such tenant. */
    Answer<List<TenantSecret>> sealedSecrets(String tenantId);

    /** When a user's credentials were revoked last: those issued by then are refused. */
    Answer<Optional<Instant>> revokedAt(String tenantId, String userId);

    /** The policy that holds for a tenant: its own or the default one. */
    Answer<Quota> quota(String tenantId);

    /** Where the tenant stands. A tenant that has used nothing has a status too. */
    Answer<QuotaStatus> quotaStatus(String tenantId);

    /** Where one user of a tenant stands, whose limit is the policy's for each user. A user who was never met has a status too. */
    Answer<QuotaStatus> quotaStatus(String tenantId, String userId);

    /** Shares of the tenant's rate and allocations, one for each process that holds some; empty where nothing is capped. */
    Answer<List<NodeShare>> shares(String tenantId);

    /**
     * Decisions on the tenant, newest first.
     *
     * @param limit most entries, 1 to 1,000
     */
    Answer<List<QuotaEvent>> quotaHistory(String tenantId, int limit);

    /**
     * Decisions on the quotas of the tenant's users, newest first.
     *
     * @param userId of this one alone, if one is given
     * @param limit most entries, 1 to 2,000
     */
    Answer<List<QuotaEvent>> usersQuotaHistory(String tenantId, Optional<String> userId, int limit);
}
