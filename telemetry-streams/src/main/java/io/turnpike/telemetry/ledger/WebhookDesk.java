package io.turnpike.telemetry.ledger;

import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.SecretSeal;
import io.turnpike.contract.WebhookRules;
import io.turnpike.control.v1.CommandRefusal;
import io.turnpike.control.v1.QuotaAudit;
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
    public record Decision(QuotaAudit audit, Optional<Webhook> webhook, boolean removed, boolean repeated) {
        private static Decision of(QuotaAudit audit) {
            return new Decision(audit, Optional.empty(), false, false);
        }
    }

    /** Decides, and keeps what was decided but for the audit. */
    public Decision decide(WebhookCommand command, Instant now) {
        Optional<QuotaAudit> before = store.answerTo(command.getTenantId(), command.getCommandId());
        if (before.isPresent()) {
            return new Decision(before.get(), Optional.empty(), false, true);
        }
        CommandAnswer answer = CommandAnswer.to(command, now);
        if (store.living(command.getTenantId()).isEmpty()) {
            return Decision.of(answer.noTenant());
        }
        List<Webhook> all = store.webhooks(command.getTenantId());
        Optional<Webhook> existing = all.stream().filter(each -> each.getName().equals(command.getName()))
                .findFirst();
        long seen = existing.map(Webhook::getVersion).orElse(0L);
        if (answer.hasNotSeen(seen)) {
            return Decision.of(answer.mismatch(seen));
        }
        if (command.getAction() == WebhookAction.PUT) {
            return put(command, answer, existing, all.size());
        }
        if (existing.isEmpty()) {
            return Decision.of(answer.refused(CommandRefusal.NOT_FOUND,
                    "there is no webhook " + command.getName() + " of tenant " + command.getTenantId()).build());
        }
        return change(command, answer, existing.get());
    }

    /** Forgets the webhooks of a tenant that was deleted; returns their names. */
    public List<String> forgetAll(String tenantId) {
        List<String> names = store.webhooks(tenantId).stream().map(Webhook::getName).toList();
        names.forEach(name -> store.forgetWebhook(tenantId, name));
        return names;
    }

    private Decision put(WebhookCommand command, CommandAnswer answer, Optional<Webhook> existing, int count) {
        List<WebhookSecret> secrets = command.getSecrets() != null
                ? command.getSecrets()
                : existing.map(Webhook::getSecrets).orElse(List.of());
        Optional<CommandRules.Fault> fault = check(command, secrets);
        if (fault.isEmpty() && existing.isEmpty() && count >= WebhookRules.MOST) {
            fault = Optional
                    .of(new CommandRules.Fault("name", "is one too many: a tenant has at most " + WebhookRules.MOST));
        }
        if (fault.isPresent()) {
            return Decision.of(answer.invalid(fault.get()));
        }
        boolean staysEnabled = existing.filter(each -> each.getStatus() == WebhookStatus.ENABLED).isPresent();
        Webhook webhook = Webhook.newBuilder().setTenantId(command.getTenantId()).setName(command.getName())
                .setVersion(nextVersion(existing, answer.now())).setUrl(command.getUrl()).setSecrets(secrets)
                .setEvents(command.getEvents()).setStatus(command.getStatus()).setDisabledReason("")
                .setEnabledAt(staysEnabled ? existing.get().getEnabledAt() : answer.now())
                .setUpdatedAt(answer.now()).build();
        store.put(webhook);
        return new Decision(answer.applied(webhook.getVersion(), "webhook " + command.getName() + " "
                + command.getStatus() + (existing.isEmpty() ? ", new" : "")).setCreated(existing.isEmpty())
                .setChanges(AuditChanges.between(existing, webhook)).build(),
                Optional.of(webhook), false, false);
    }

    private Decision change(WebhookCommand command, CommandAnswer answer, Webhook existing) {
        String name = "webhook " + command.getName();
        return switch (command.getAction()) {
            case DELETE -> {
                store.forgetWebhook(command.getTenantId(), command.getName());
                yield new Decision(answer.applied(existing.getVersion(), name + " removed").build(),
                        Optional.empty(), true, false);
            }
            case DISABLE -> {
                Webhook disabled = Webhook.newBuilder(existing)
                        .setVersion(nextVersion(Optional.of(existing), answer.now()))
                        .setStatus(WebhookStatus.DISABLED).setDisabledReason(reason(command))
                        .setUpdatedAt(answer.now()).build();
                store.put(disabled);
                yield new Decision(answer.applied(disabled.getVersion(), name + " disabled: " + reason(command))
                        .build(), Optional.of(disabled), false, false);
            }
            case TEST -> Decision.of(answer.applied(existing.getVersion(), name + " tested").build());
            case REPORT -> Decision
                    .of(answer.applied(existing.getVersion(), name + ": " + reason(command)).build());
            case PUT, UNKNOWN -> Decision
                    .of(answer.refused(CommandRefusal.INVALID, "the action is not known here").build());
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
                : Optional.of(new CommandRules.Fault("secrets", "must hold 1 to " + WebhookRules.MOST_SECRETS
                        + " keys with different ids"));
    }

    /** Counts in milliseconds of the clock, so that a webhook that is made again has a version of its own. */
    private static long nextVersion(Optional<Webhook> existing, Instant now) {
        return Math.max(existing.map(Webhook::getVersion).orElse(0L) + 1, now.toEpochMilli());
    }

    private static String reason(WebhookCommand command) {
        String reason = command.getReason();
        return reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON);
    }
}
