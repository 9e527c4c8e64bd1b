package io.turnpike.telemetry.ledger;

import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.TenantName;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.CommandKind;
import io.turnpike.control.v1.CommandRefusal;
import io.turnpike.control.v1.DeleteTenant;
import io.turnpike.control.v1.PutQuota;
import io.turnpike.control.v1.PutTenant;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.Revocation;
import io.turnpike.control.v1.RevokeCredential;
import io.turnpike.control.v1.TenantCommand;
import io.turnpike.control.v1.TenantRecord;
import io.turnpike.control.v1.TenantStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Decides on the writes that the API asks for. It is the single writer of a tenant's records, so two API instances
 * cannot overwrite each other: what a writer has not seen refuses its write. A command that comes twice is answered
 * twice and carried out once.
 */
public final class CommandDesk {
    /** A revoked credential has expired by itself after this; no API mints one that lasts longer. */
    static final Duration LONGEST_CREDENTIAL = Duration.ofDays(30);

    static {
        RecordCodec.prepareAvro(); // copying a record asks Avro's class filter too
    }

    private final TenantStore store;

    /** A desk that keeps its decisions in the store. */
    public CommandDesk(TenantStore store) {
        this.store = store;
    }

    /** Decides, and keeps what was decided but for the audit, which the caller keeps with all others. */
    public CommandDecision decide(TenantCommand command, Instant now) {
        Optional<QuotaAudit> before = store.recentAudits(command.getTenantId()).stream()
                .filter(audit -> audit.getCommandId().equals(command.getCommandId())).findFirst();
        if (before.isPresent()) {
            return CommandDecision.again(before.get());
        }
        if (!TenantName.isTenantId(command.getTenantId())) {
            return invalid(command, now, new CommandRules.Fault("id", "must match " + TenantName.TENANT_ID.pattern()));
        }
        Object action = command.getAction();
        if (action instanceof PutTenant put) {
            return putTenant(command, put, now);
        } else if (action instanceof DeleteTenant) {
            return deleteTenant(command, now);
        } else if (action instanceof PutQuota put) {
            return putQuota(command, put.getPolicy(), now);
        } else {
            return revoke(command, (RevokeCredential) action, now);
        }
    }

    private CommandDecision putTenant(TenantCommand command, PutTenant put, Instant now) {
        Optional<CommandRules.Fault> fault = CommandRules.check(put);
        if (fault.isPresent()) {
            return invalid(command, now, fault.get());
        }
        Optional<TenantRecord> existing = living(command.getTenantId());
        long seen = existing.map(TenantRecord::getVersion).orElse(0L);
        if (hasNotSeen(command, seen)) {
            return mismatch(command, now, seen);
        }
        TenantRecord tenant = TenantRecord.newBuilder().setTenantId(command.getTenantId())
                .setVersion(nextVersion(command.getTenantId())).setDisplayName(put.getDisplayName())
                .setStatus(put.getStatus())
                .setSecrets(put.getSecrets() != null
                        ? put.getSecrets()
                        : existing.map(TenantRecord::getSecrets).orElse(List.of()))
                .setChannelNumbers(put.getChannelNumbers()).setBillableRule(put.getBillableRule())
                .setCredentialExpiry(put.getCredentialExpiry())
                .setAccessTokenKeys(put.getAccessTokenKeys() != null
                        ? put.getAccessTokenKeys()
                        : existing.map(TenantRecord::getAccessTokenKeys).orElse(List.of()))
                .setServerNames(put.getServerNames()).setPeerAllow(put.getPeerAllow())
                .setPeerDeny(put.getPeerDeny()).setUpdatedAt(now).build();
        store.put(tenant);
        QuotaAudit audit = applied(command, now, tenant.getVersion(), "tenant " + put.getStatus())
                .setCreated(existing.isEmpty()).setTenantStatus(put.getStatus())
                .setChanges(AuditChanges.between(existing, tenant)).build();
        return new CommandDecision(audit, Optional.of(tenant), Optional.empty(), Optional.empty(), false);
    }

    /** The record stays, marked as deleted: versions go on, and so do the period's charges (QUOTA.md rule 13). */
    private CommandDecision deleteTenant(TenantCommand command, Instant now) {
        Optional<TenantRecord> existing = living(command.getTenantId());
        if (existing.isEmpty()) {
            return missing(command, now);
        }
        if (hasNotSeen(command, existing.get().getVersion())) {
            return mismatch(command, now, existing.get().getVersion());
        }
        TenantRecord deleted = TenantRecord.newBuilder(existing.get()).setVersion(nextVersion(command.getTenantId()))
                .setStatus(TenantStatus.DELETED).setSecrets(List.of()).setAccessTokenKeys(List.of())
                .setServerNames(List.of()).setUpdatedAt(now).build();
        store.put(deleted);
        QuotaAudit audit = applied(command, now, deleted.getVersion(), "tenant deleted")
                .setTenantStatus(TenantStatus.DELETED).build();
        return new CommandDecision(audit, Optional.of(deleted), Optional.empty(), Optional.empty(), false);
    }

    private CommandDecision putQuota(TenantCommand command, QuotaPolicy asked, Instant now) {
        Optional<CommandRules.Fault> fault = CommandRules.check(asked);
        if (fault.isPresent()) {
            return invalid(command, now, fault.get());
        }
        if (living(command.getTenantId()).isEmpty()) {
            return missing(command, now);
        }
        Optional<QuotaPolicy> before = store.policy(command.getTenantId());
        long seen = before.map(QuotaPolicy::getPolicyEpoch).orElse(0L);
        if (hasNotSeen(command, seen)) {
            return mismatch(command, now, seen);
        }
        QuotaPolicy policy = QuotaPolicy.newBuilder(asked).setTenantId(command.getTenantId())
                .setPolicyEpoch(nextPolicyEpoch(seen))
                .setUpdatedAt(now).build();
        store.put(policy);
        Long volume = policy.getVolumeBytes();
        QuotaAudit audit = applied(command, now, policy.getPolicyEpoch(),
                "quota " + policy.getMode() + " of " + (volume == null ? "any" : volume) + " bytes per "
                        + policy.getPeriod())
                .setLimitBytes(volume == null ? 0 : volume).setCreated(seen == 0)
                .setChanges(AuditChanges.between(before, policy)).build();
        return new CommandDecision(audit, Optional.empty(), Optional.of(policy), Optional.empty(), false);
    }

    private CommandDecision revoke(TenantCommand command, RevokeCredential revoke, Instant now) {
        Optional<CommandRules.Fault> fault = CommandRules.check(revoke);
        if (fault.isPresent()) {
            return invalid(command, now, fault.get());
        }
        Optional<TenantRecord> existing = living(command.getTenantId());
        if (existing.isEmpty()) {
            return missing(command, now);
        }
        // A clock that was set back must not make an older credential good.
        Instant revokedAt = store.revocation(command.getTenantId(), revoke.getUserId()).map(Revocation::getRevokedAt)
                .filter(now::isBefore).orElse(now);
        Revocation revocation = Revocation.newBuilder().setTenantId(command.getTenantId()).setUserId(revoke.getUserId())
                .setRevokedAt(revokedAt).setExpiresAt(revokedAt.plus(LONGEST_CREDENTIAL)).build();
        store.put(revocation);
        QuotaAudit audit = applied(command, now, existing.get().getVersion(), "credentials of a user revoked")
                .setSubject(revoke.getUserId()).build();
        return new CommandDecision(audit, Optional.empty(), Optional.empty(), Optional.of(revocation), false);
    }

    private Optional<TenantRecord> living(String tenantId) {
        return store.tenant(tenantId).filter(tenant -> tenant.getStatus() != TenantStatus.DELETED);
    }

    private long nextVersion(String tenantId) {
        return store.tenant(tenantId).map(TenantRecord::getVersion).orElse(0L) + 1;
    }

    /** Goes on where a deleted tenant's policy ended (QUOTA.md rule 13). */
    private static long nextPolicyEpoch(long seen) {
        return seen + 1;
    }

    private static boolean hasNotSeen(TenantCommand command, long version) {
        return command.getIfMatch() != null && command.getIfMatch() != version;
    }

    private static QuotaAudit.Builder applied(TenantCommand command, Instant now, long version, String reason) {
        return answer(command, now, AuditKind.COMMAND_APPLIED).setVersion(version).setReason(reason)
                .setRefusal(CommandRefusal.NONE);
    }

    private static CommandDecision mismatch(TenantCommand command, Instant now, long version) {
        return CommandDecision.of(answer(command, now, AuditKind.COMMAND_REFUSED).setVersion(version)
                .setRefusal(CommandRefusal.VERSION_MISMATCH)
                .setReason("the writer has seen version " + command.getIfMatch() + ", and it is " + version).build());
    }

    private static CommandDecision missing(TenantCommand command, Instant now) {
        return CommandDecision.of(answer(command, now, AuditKind.COMMAND_REFUSED).setRefusal(CommandRefusal.NOT_FOUND)
                .setReason("there is no tenant " + command.getTenantId()).build());
    }

    private static CommandDecision invalid(TenantCommand command, Instant now, CommandRules.Fault fault) {
        return CommandDecision.of(answer(command, now, AuditKind.COMMAND_REFUSED).setRefusal(CommandRefusal.INVALID)
                .setField(fault.field()).setReason(fault.field() + " " + fault.reason()).build());
    }

    private static QuotaAudit.Builder answer(TenantCommand command, Instant now, AuditKind kind) {
        return QuotaAudit.newBuilder().setTenantId(command.getTenantId()).setOccurredAt(now).setKind(kind)
                .setCommandId(command.getCommandId()).setActor(command.getActor())
                .setCommand(kindOf(command.getAction()));
    }

    private static CommandKind kindOf(Object action) {
        if (action instanceof PutTenant) {
            return CommandKind.PUT_TENANT;
        }
        if (action instanceof DeleteTenant) {
            return CommandKind.DELETE_TENANT;
        }
        return action instanceof PutQuota ? CommandKind.PUT_QUOTA : CommandKind.REVOKE_CREDENTIAL;
    }
}
