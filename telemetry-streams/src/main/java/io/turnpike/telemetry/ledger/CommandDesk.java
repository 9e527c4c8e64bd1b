package io.turnpike.telemetry.ledger;

import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.TenantName;
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
        Optional<QuotaAudit> before = store.answerTo(command.getTenantId(), command.getCommandId());
        if (before.isPresent()) {
            return CommandDecision.again(before.get());
        }
        CommandAnswer answer = CommandAnswer.to(command, now);
        if (!TenantName.isTenantId(command.getTenantId())) {
            return CommandDecision.of(answer.invalid(
                    new CommandRules.Fault("id", "must match " + TenantName.TENANT_ID.pattern())));
        }
        Object action = command.getAction();
        if (action instanceof PutTenant put) {
            return putTenant(answer, put);
        } else if (action instanceof DeleteTenant) {
            return deleteTenant(answer);
        } else if (action instanceof PutQuota put) {
            return putQuota(answer, put.getPolicy());
        } else {
            return revoke(answer, (RevokeCredential) action);
        }
    }

    private CommandDecision putTenant(CommandAnswer answer, PutTenant put) {
        Optional<CommandRules.Fault> fault = CommandRules.check(put);
        if (fault.isPresent()) {
            return CommandDecision.of(answer.invalid(fault.get()));
        }
        Optional<TenantRecord> existing = store.living(answer.tenantId());
        long seen = existing.map(TenantRecord::getVersion).orElse(0L);
        if (answer.hasNotSeen(seen)) {
            return CommandDecision.of(answer.mismatch(seen));
        }
        TenantRecord tenant = TenantRecord.newBuilder().setTenantId(answer.tenantId())
                .setVersion(nextVersion(answer.tenantId())).setDisplayName(put.getDisplayName())
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
                .setPeerDeny(put.getPeerDeny()).setUpdatedAt(answer.now()).build();
        store.put(tenant);
        QuotaAudit audit = answer.applied(tenant.getVersion(), "tenant " + put.getStatus())
                .setCreated(existing.isEmpty()).setTenantStatus(put.getStatus())
                .setChanges(AuditChanges.between(existing, tenant)).build();
        return new CommandDecision(audit, Optional.of(tenant), Optional.empty(), Optional.empty(), false);
    }

    /** The record stays, marked as deleted: versions go on, and so do the period's charges (QUOTA.md rule 13). */
    private CommandDecision deleteTenant(CommandAnswer answer) {
        Optional<TenantRecord> existing = store.living(answer.tenantId());
        if (existing.isEmpty()) {
            return CommandDecision.of(answer.noTenant());
        }
        if (answer.hasNotSeen(existing.get().getVersion())) {
            return CommandDecision.of(answer.mismatch(existing.get().getVersion()));
        }
        TenantRecord deleted = TenantRecord.newBuilder(existing.get()).setVersion(nextVersion(answer.tenantId()))
                .setStatus(TenantStatus.DELETED).setSecrets(List.of()).setAccessTokenKeys(List.of())
                .setServerNames(List.of()).setUpdatedAt(answer.now()).build();
        store.put(deleted);
        QuotaAudit audit = answer.applied(deleted.getVersion(), "tenant deleted")
                .setTenantStatus(TenantStatus.DELETED).build();
        return new CommandDecision(audit, Optional.of(deleted), Optional.empty(), Optional.empty(), false);
    }

    private CommandDecision putQuota(CommandAnswer answer, QuotaPolicy asked) {
        Optional<CommandRules.Fault> fault = CommandRules.check(asked);
        if (fault.isPresent()) {
            return CommandDecision.of(answer.invalid(fault.get()));
        }
        if (store.living(answer.tenantId()).isEmpty()) {
            return CommandDecision.of(answer.noTenant());
        }
        Optional<QuotaPolicy> before = store.policy(answer.tenantId());
        long seen = before.map(QuotaPolicy::getPolicyEpoch).orElse(0L);
        if (answer.hasNotSeen(seen)) {
            return CommandDecision.of(answer.mismatch(seen));
        }
        QuotaPolicy policy = QuotaPolicy.newBuilder(asked).setTenantId(answer.tenantId())
                .setPolicyEpoch(nextPolicyEpoch(seen))
                .setUpdatedAt(answer.now()).build();
        store.put(policy);
        Long volume = policy.getVolumeBytes();
        QuotaAudit audit = answer.applied(policy.getPolicyEpoch(),
                "quota " + policy.getMode() + " of " + (volume == null ? "any" : volume) + " bytes per "
                        + policy.getPeriod())
                .setLimitBytes(volume == null ? 0 : volume).setCreated(seen == 0)
                .setChanges(AuditChanges.between(before, policy)).build();
        return new CommandDecision(audit, Optional.empty(), Optional.of(policy), Optional.empty(), false);
    }

    private CommandDecision revoke(CommandAnswer answer, RevokeCredential revoke) {
        Optional<CommandRules.Fault> fault = CommandRules.check(revoke);
        if (fault.isPresent()) {
            return CommandDecision.of(answer.invalid(fault.get()));
        }
        Optional<TenantRecord> existing = store.living(answer.tenantId());
        if (existing.isEmpty()) {
            return CommandDecision.of(answer.noTenant());
        }
        // A clock that was set back must not make an older credential good.
        Instant revokedAt = store.revocation(answer.tenantId(), revoke.getUserId()).map(Revocation::getRevokedAt)
                .filter(answer.now()::isBefore).orElse(answer.now());
        Revocation revocation = Revocation.newBuilder().setTenantId(answer.tenantId()).setUserId(revoke.getUserId())
                .setRevokedAt(revokedAt).setExpiresAt(revokedAt.plus(LONGEST_CREDENTIAL)).build();
        store.put(revocation);
        QuotaAudit audit = answer.applied(existing.get().getVersion(), "credentials of a user revoked")
                .setSubject(revoke.getUserId()).build();
        return new CommandDecision(audit, Optional.empty(), Optional.empty(), Optional.of(revocation), false);
    }

    private long nextVersion(String tenantId) {
        return store.tenant(tenantId).map(TenantRecord::getVersion).orElse(0L) + 1;
    }

    /** Goes on where a deleted tenant's policy ended (QUOTA.md rule 13). */
    private static long nextPolicyEpoch(long seen) {
        return seen + 1;
    }
}
