package io.turnpike.telemetry.query;

import io.turnpike.contract.AuditEvent;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.CommandKind;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A decision on a tenant or on the quota of one of its users, out of the audit topic.
 *
 * @param id its place in the history: greater for what came later
 * @param at when
 * @param userId user whose quota it is about, empty for the tenant's own
 * @param kind what is recorded
 * @param actor who asked, or empty
 * @param version version or policy epoch after it
 * @param fromState state before
 * @param toState state after
 * @param periodId period, or empty
 * @param usedBytes billable bytes spent in the period, empty where there is none
 * @param limitBytes volume of the policy, empty for none
 * @param command what a command asked for, NONE where none is answered
 * @param subject user or webhook that it is about, or empty
 * @param warnedPercent percent of the volume that is warned of, 0 for none
 * @param changes what a command changed
 * @param type what it tells webhooks, empty if nothing
 * @param reason in words
 */
public record QuotaEvent(String id, Instant at, String userId, AuditKind kind, String actor, long version,
        QuotaState fromState, QuotaState toState, String periodId, OptionalLong usedBytes, OptionalLong limitBytes,
        CommandKind command, String subject, int warnedPercent, List<Change> changes, Optional<AuditEvent> type,
        String reason) {
    /** One changed field: JSON before, empty where there was nothing, and after. */
    public record Change(String field, String before, String after) {}

    public QuotaEvent {
        userId = userId == null ? "" : userId; // an older instance answers for tenants alone
        changes = List.copyOf(changes);
    }

    /** An audit as an entry of the history. */
    public static QuotaEvent of(String id, QuotaAudit audit) {
        OptionalLong limit = audit.getLimitBytes() == 0 ? OptionalLong.empty() : OptionalLong.of(audit.getLimitBytes());
        OptionalLong used = audit.getPeriodId().isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(audit.getUsedBytes());
        return new QuotaEvent(id, audit.getOccurredAt(), audit.getUserId(), audit.getKind(), audit.getActor(),
                audit.getVersion(), audit.getFromState(), audit.getToState(), audit.getPeriodId(), used, limit,
                audit.getCommand(), audit.getSubject(), audit.getWarnedPercent(),
                audit.getChanges().stream()
                        .map(change -> new Change(change.getField(), change.getBefore(), change.getAfter())).toList(),
                AuditEvent.of(audit), audit.getReason());
    }
}
