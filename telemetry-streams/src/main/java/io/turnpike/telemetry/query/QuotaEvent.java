package io.turnpike.telemetry.query;

import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.QuotaState;
import java.time.Instant;
import java.util.OptionalLong;

/**
 * A decision on a tenant, out of the audit topic.
 *
 * @param at when
 * @param kind what is recorded
 * @param actor who asked, or empty
 * @param version version or policy epoch after it
 * @param fromState state before
 * @param toState state after
 * @param periodId period, or empty
 * @param usedBytes billable bytes spent in the period
 * @param limitBytes volume of the policy, empty for none
 * @param reason in words
 */
public record QuotaEvent(Instant at, AuditKind kind, String actor, long version, QuotaState fromState,
        QuotaState toState, String periodId, long usedBytes, OptionalLong limitBytes, String reason) {}
