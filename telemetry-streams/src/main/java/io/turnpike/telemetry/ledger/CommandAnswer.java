package io.turnpike.telemetry.ledger;

import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.CommandKind;
import io.turnpike.control.v1.CommandRefusal;
import io.turnpike.control.v1.DeleteTenant;
import io.turnpike.control.v1.PutQuota;
import io.turnpike.control.v1.PutTenant;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.TenantCommand;
import io.turnpike.control.v1.WebhookAction;
import io.turnpike.control.v1.WebhookCommand;
import java.time.Instant;

/**
 * The audits that can answer one command, whatever it writes to.
 *
 * @param subject the webhook that it is about, or empty
 * @param ifMatch version that the writer has seen, null if it does not say
 * @param now when it is decided
 */
record CommandAnswer(String tenantId, String commandId, String actor, CommandKind command, String subject, Long ifMatch,
        Instant now) {
    static CommandAnswer to(TenantCommand command, Instant now) {
        return new CommandAnswer(command.getTenantId(), command.getCommandId(), command.getActor(),
                kindOf(command.getAction()), "", command.getIfMatch(), now);
    }

    static CommandAnswer to(WebhookCommand command, Instant now) {
        return new CommandAnswer(command.getTenantId(), command.getCommandId(), command.getActor(),
                kindOf(command.getAction()), command.getName(), command.getIfMatch(), now);
    }

    /** Whether the writer has seen another version than this one, so that it may not write over it. */
    boolean hasNotSeen(long version) {
        return ifMatch != null && ifMatch != version;
    }

    QuotaAudit.Builder applied(long version, String reason) {
        return of(AuditKind.COMMAND_APPLIED).setVersion(version).setReason(reason).setRefusal(CommandRefusal.NONE);
    }

    QuotaAudit mismatch(long version) {
        return refused(CommandRefusal.VERSION_MISMATCH,
                "the writer has seen version " + ifMatch + ", and it is " + version).setVersion(version).build();
    }

    QuotaAudit noTenant() {
        return refused(CommandRefusal.NOT_FOUND, "there is no tenant " + tenantId).build();
    }

    QuotaAudit invalid(CommandRules.Fault fault) {
        return refused(CommandRefusal.INVALID, fault.field() + ' ' + fault.reason()).setField(fault.field()).build();
    }

    QuotaAudit.Builder refused(CommandRefusal refusal, String reason) {
        return of(AuditKind.COMMAND_REFUSED).setRefusal(refusal).setReason(reason);
    }

    private QuotaAudit.Builder of(AuditKind kind) {
        return QuotaAudit.newBuilder().setTenantId(tenantId).setOccurredAt(now).setKind(kind).setCommandId(commandId)
                .setActor(actor).setCommand(command).setSubject(subject);
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

    private static CommandKind kindOf(WebhookAction action) {
        return switch (action) {
            case PUT -> CommandKind.PUT_WEBHOOK;
            case DELETE -> CommandKind.DELETE_WEBHOOK;
            case TEST -> CommandKind.TEST_WEBHOOK;
            case DISABLE -> CommandKind.DISABLE_WEBHOOK;
            case REPORT -> CommandKind.REPORT_WEBHOOK;
            case UNKNOWN -> CommandKind.UNKNOWN;
        };
    }
}
