package io.turnpike.telemetry.api;

import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.Tenant;
import io.turnpike.telemetry.query.TenantQueries;
import java.util.Optional;

/**
 * Tells an unknown tenant from one that has done nothing yet: the first is 404, the second has zeros. A tenant that only
 * a relay's configuration knows has no record, but it has figures, and those are shown.
 */
final class KnownTenants {
    private final TenantQueries tenants;

    KnownTenants(TenantQueries tenants) {
        this.tenants = tenants;
    }

    /** The tenant's record. */
    Answer<Tenant> require(String tenantId) {
        Answer<Optional<Tenant>> answer = tenants.tenant(tenantId);
        return answer.map(tenant -> tenant.orElseThrow(() -> missing(tenantId)));
    }

    /** Refuses an unknown tenant for which nothing else speaks. */
    void requireUnless(boolean hasFigures, String tenantId) {
        if (!hasFigures) {
            require(tenantId);
        }
    }

    static Problem missing(String tenantId) {
        return Problem.of(Problem.Kind.NOT_FOUND, "there is no tenant " + tenantId);
    }
}
