package io.turnpike.telemetry.api;

import io.turnpike.control.v1.WebhookAction;
import io.turnpike.control.v1.WebhookCommand;
import io.turnpike.control.v1.WebhookSecret;
import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.CommandOutcome;
import io.turnpike.telemetry.query.WebhookEntry;
import io.turnpike.telemetry.query.WebhookQueries;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** The webhooks of each tenant, by name, and how they fare. */
final class FakeWebhooks implements WebhookQueries {
    private final FakeStores stores;
    private final TreeMap<String, TreeMap<String, WebhookEntry>> webhooks = new TreeMap<>();
    private final List<WebhookCommand> commands = new ArrayList<>();

    FakeWebhooks(FakeStores stores) {
        this.stores = stores;
    }

    synchronized void clear() {
        webhooks.clear();
        commands.clear();
    }

    /** Says how a webhook fares. */
    synchronized void fares(String tenantId, String name, WebhookEntry.Delivery delivery) {
        webhooks.get(tenantId).computeIfPresent(name, (key, entry) -> new WebhookEntry(entry.name(), entry.version(),
                entry.url(), entry.secretIds(), entry.events(), entry.status(), entry.disabledReason(),
                entry.updatedAt(), Optional.of(delivery)));
    }

    synchronized List<WebhookCommand> commands() {
        return List.copyOf(commands);
    }

    @Override
    public synchronized Answer<List<WebhookEntry>> webhooks(String tenantId) {
        return stores.answer(List.copyOf(webhooks.getOrDefault(tenantId, new TreeMap<>()).values()));
    }

    synchronized CommandOutcome take(WebhookCommand command, boolean hasTenant) {
        commands.add(command);
        if (!hasTenant) {
            return new CommandOutcome.Missing("there is no tenant " + command.getTenantId());
        }
        TreeMap<String, WebhookEntry> ofTenant = webhooks.computeIfAbsent(command.getTenantId(),
                id -> new TreeMap<>());
        WebhookEntry before = ofTenant.get(command.getName());
        long version = before == null ? 0 : before.version();
        if (command.getIfMatch() != null && command.getIfMatch() != version) {
            return new CommandOutcome.PreconditionFailed(version, "it is at version " + version);
        }
        if (command.getAction() == WebhookAction.PUT) {
            if (before == null && command.getSecrets() == null) {
                return new CommandOutcome.Invalid("secrets", "must hold 1 to 2 keys with different ids");
            }
            ofTenant.put(command.getName(), new WebhookEntry(command.getName(), version + 1, command.getUrl(),
                    command.getSecrets() == null
                            ? before.secretIds()
                            : command.getSecrets().stream().map(WebhookSecret::getId).toList(),
                    command.getEvents(), command.getStatus(), "", command.getIssuedAt(), Optional.empty()));
            return new CommandOutcome.Applied(version + 1, before == null);
        }
        if (before == null) {
            return new CommandOutcome.Missing("there is no webhook " + command.getName());
        }
        if (command.getAction() == WebhookAction.DELETE) {
            ofTenant.remove(command.getName());
        }
        return new CommandOutcome.Applied(version, false);
    }
}
