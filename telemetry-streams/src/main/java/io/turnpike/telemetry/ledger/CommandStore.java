package io.turnpike.telemetry.ledger;

import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.TenantRecord;
import io.turnpike.control.v1.TenantStatus;
import java.util.List;
import java.util.Optional;

/** What every writer of commands needs to know before it decides. */
public interface CommandStore {
    /** The tenant's newest record, a deleted tenant's too. */
    Optional<TenantRecord> tenant(String tenantId);

    /** The tenant's recent audits, oldest first; their number is bounded. */
    List<QuotaAudit> recentAudits(String tenantId);

    /** The tenant, unless it was deleted. */
    default Optional<TenantRecord> living(String tenantId) {
        return tenant(tenantId).filter(tenant -> tenant.getStatus() != TenantStatus.DELETED);
    }

    /** The answer to a command that was decided before, and not long ago. */
    default Optional<QuotaAudit> answerTo(String tenantId, String commandId) {
        return recentAudits(tenantId).stream().filter(audit -> audit.getCommandId().equals(commandId)).findFirst();
    }
}
