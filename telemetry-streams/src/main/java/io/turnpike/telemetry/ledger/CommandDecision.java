package io.turnpike.telemetry.ledger;

import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.Revocation;
import io.turnpike.control.v1.TenantRecord;
import java.util.Optional;

/**
 * What a command came to, to be published in its transaction.
 *
 * @param audit the answer to the writer, always there
 * @param tenant the tenant after it, if that changed
 * @param policy the policy after it, if that changed
 * @param revocation the revocation that was asked for
 * @param repeated the command was decided before, and this is the same answer again
 */
public record CommandDecision(QuotaAudit audit, Optional<TenantRecord> tenant, Optional<QuotaPolicy> policy,
        Optional<Revocation> revocation, boolean repeated) {
    static CommandDecision of(QuotaAudit audit) {
        return new CommandDecision(audit, Optional.empty(), Optional.empty(), Optional.empty(), false);
    }

    static CommandDecision again(QuotaAudit audit) {
        return new CommandDecision(audit, Optional.empty(), Optional.empty(), Optional.empty(), true);
    }
}
