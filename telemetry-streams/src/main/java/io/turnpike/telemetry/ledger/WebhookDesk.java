package io.turnpike.telemetry.ledger;

import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.SecretSeal;
import io.turnpike.contract.WebhookRules;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.CommandKind;
import io.turnpike.control.v1.CommandRefusal;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.TenantStatus;
import io.turnpike.control.v1.Webhook;
import io.turnpike.control.v1.WebhookAction;
import io.turnpike.control.v1.WebhookCommand;
import io.turnpike.control.v1.WebhookSecret;
import io.turnpike.control.v1.WebhookStatus;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Decides on writes to webhooks, as {@link CommandDesk} does on those to tenants and quotas. */
public final class WebhookDesk {
    static {
        RecordCodec.prepareAvro(); // a builder asks Avro's class filter for its defaults
    }

    private static final int LONGEST_REASON = 512;
    private static final int SHORTEST_SEALED = 24 + SecretSeal.OVERHEAD_BYTES;
    private static final int LONGEST_SEALED = 64 + SecretSeal.OVERHEAD_BYTES;

    private final WebhookStore store;

    /** A desk that keeps its decisions in the store. */
    public WebhookDesk(WebhookStore store) {
        this.store = store;
    }

    /**
     * What a command came to.
     *
     * @param audit the answer to the writer
     * @param webhook the webhook after it, if that changed and is still there
     * @param removed whether the webhook is gone
     * @param repeated the command was decided before, and this is the same answer again
     */
    public record Decision(QuotaAudit audit, Optional<Webhook> webhook, boolean removed, boolean repeated) {}

    /** Decides, and keeps what was decided but for the audit. */
    public Decision decide(WebhookCommand command, Instant now) {
        Optional<QuotaAudit> before = store.recentAudits(command.getTenantId()).stream()
                .filter(audit -> audit.getCommandId().equals(command.getCommandId())).findFirst();
        if (before.isPresent()) {
            return new Decision(before.get(), Optional.empty(), false, true);
        }
        if (store.tenant(command.getTenantId()).filter(tenant -> tenant.getStatus() != TenantStatus.DELETED)
                .isEmpty()) {
            return refused(command, now, CommandRefusal.NOT_FOUND, "there is no tenant " + command.getTenantId());
        }
        List<Webhook> all = store.webhooks(command.getTenantId());
        Optional<Webhook> existing = all.stream().filter(each -> each.getName().equals(command.getName()))
                .findFirst();
        long seen = existing.map(Webhook::getVersion).orElse(0L);
        if (command.getIfMatch() != null && command.getIfMatch() != seen) {
            return new Decision(answer(command, now, AuditKind.COMMAND_REFUSED).setVersion(seen)
                    .setRefusal(CommandRefusal.VERSION_MISMATCH)
                    .setReason("the writer has seen version " + command.getIfMatch() + ", and it is " + seen)
                    .build(), Optional.empty(), false, false);
        }
        if (command.getAction() == WebhookAction.PUT) {
            return put(command, existing, all.size(), now);
        }
        if (existing.isEmpty()) {
            return refused(command, now, CommandRefusal.NOT_FOUND,
                    "there is no webhook " + command.getName() + " of tenant " + command.getTenantId());
        }
        return change(command, existing.get(), now);
    }

    private Decision put(WebhookCommand command, Optional<Webhook> existing, int count, Instant now) {
        List<WebhookSecret> secrets = command.getSecrets() != null
                ? command.getSecrets()
                : existing.map(Webhook::getSecrets).orElse(List.of());
        Optional<CommandRules.Fault> fault = check(command, secrets);
        if (fault.isEmpty() && existing.isEmpty() && count >= WebhookRules.MOST) {
            fault = Optional
                    .of(new CommandRules.Fault("name", "is one too many: a tenant has at most " + WebhookRules.MOST));
        }
        if (fault.isPresent()) {
            return new Decision(answer(command, now, AuditKind.COMMAND_REFUSED).setRefusal(CommandRefusal.INVALID)
                    .setField(fault.get().field()).setReason(fault.get().field() + ' ' + fault.get().reason()).build(),
                    Optional.empty(), false, false);
        }
        boolean staysEnabled = existing.filter(each -> each.getStatus() == WebhookStatus.ENABLED).isPresent();
        Webhook webhook = Webhook.newBuilder().setTenantId(command.getTenantId()).setName(command.getName())
                .setVersion(nextVersion(existing, now)).setUrl(command.getUrl()).setSecrets(secrets)
                .setEvents(command.getEvents()).setStatus(command.getStatus()).setDisabledReason("")
                .setEnabledAt(staysEnabled ? existing.get().getEnabledAt() : now).setUpdatedAt(now).build();
        store.put(webhook);
        return new Decision(applied(command, now, webhook.getVersion(), "webhook " + command.getName() + " "
                + command.getStatus() + (existing.isEmpty() ? ", new" : "")).setCreated(existing.isEmpty())
                .setChanges(AuditChanges.between(existing, webhook)).build(),
                Optional.of(webhook), false, false);
    }

    private Decision change(WebhookCommand command, Webhook existing, Instant now) {
        String name = "webhook " + command.getName();
        return switch (command.getAction()) {
            case DELETE -> {
                store.forgetWebhook(command.getTenantId(), command.getName());
                yield new Decision(applied(command, now, existing.getVersion(), name + " removed").build(),
                        Optional.empty(), true, false);
            }
            case DISABLE -> {
                Webhook disabled = Webhook.newBuilder(existing).setVersion(nextVersion(Optional.of(existing), now))
                        .setStatus(WebhookStatus.DISABLED).setDisabledReason(reason(command)).setUpdatedAt(now)
                        .build();
                store.put(disabled);
                yield new Decision(applied(command, now, disabled.getVersion(), name + " disabled: " + reason(command))
                        .build(), Optional.of(disabled), false, false);
            }
            case TEST, REPORT -> new Decision(
                    applied(command, now, existing.getVersion(), command.getAction() == WebhookAction.TEST
                            ? name + " tested"
                            : name + ": " + reason(command)).build(),
                    Optional.empty(), false, false);
            case PUT, UNKNOWN -> refused(command, now, CommandRefusal.INVALID, "the action is not known here");
        };
    }

    private static Optional<CommandRules.Fault> check(WebhookCommand command, List<WebhookSecret> secrets) {
        if (!WebhookRules.NAME.matcher(command.getName()).matches()) {
            return Optional.of(new CommandRules.Fault("name", "must match " + WebhookRules.NAME.pattern()));
        }
        if (WebhookRules.url(command.getUrl()).isEmpty()) {
            return Optional.of(new CommandRules.Fault("url", WebhookRules.URL_RULE));
        }
        if (!WebhookRules.areEvents(command.getEvents())) {
            return Optional.of(new CommandRules.Fault("events", "must be different types of events"));
        }
        if (command.getStatus() != WebhookStatus.ENABLED && command.getStatus() != WebhookStatus.DISABLED) {
            return Optional.of(new CommandRules.Fault("status", "must be ENABLED or DISABLED"));
        }
        Set<String> ids = new HashSet<>();
        boolean good = secrets.stream().allMatch(secret -> WebhookRules.NAME.matcher(secret.getId()).matches()
                && ids.add(secret.getId()) && secret.getSealed().remaining() >= SHORTEST_SEALED
                && secret.getSealed().remaining() <= LONGEST_SEALED);
        return good && !secrets.isEmpty() && secrets.size() <= WebhookRules.MOST_SECRETS
                ? Optional.empty()
                : Optional.of(new CommandRules.Fault("secrets", "must be 1 to " + WebhookRules.MOST_SECRETS
                        + " sealed keys with different ids"));
    }

    /** Counts in milliseconds of the clock, so that a webhook that is made again has a version of its own. */
    private static long nextVersion(Optional<Webhook> existing, Instant now) {
        return Math.max(existing.map(Webhook::getVersion).orElse(0L) + 1, now.toEpochMilli());
    }

    private static String reason(WebhookCommand command) {
        String reason = command.getReason();
        return reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON);
    }

    private static QuotaAudit.Builder applied(WebhookCommand command, Instant now, long version, String reason) {
        return answer(command, now, AuditKind.COMMAND_APPLIED).setVersion(version).setReason(reason)
                .setRefusal(CommandRefusal.NONE);
    }

    private static Decision refused(WebhookCommand command, Instant now, CommandRefusal refusal, String reason) {
        return new Decision(answer(command, now, AuditKind.COMMAND_REFUSED).setRefusal(refusal).setReason(reason)
                .build(), Optional.empty(), false, false);
    }

    private static QuotaAudit.Builder answer(WebhookCommand command, Instant now, AuditKind kind) {
        return QuotaAudit.newBuilder().setTenantId(command.getTenantId()).setOccurredAt(now).setKind(kind)
                .setCommandId(command.getCommandId()).setActor(command.getActor()).setSubject(command.getName())
                .setCommand(kindOf(command.getAction()));
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
