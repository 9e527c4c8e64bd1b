package io.turnpike.telemetry.ledger;

import io.turnpike.control.v1.Webhook;
import java.util.List;

/** What the ledger's task keeps of webhooks. */
public interface WebhookStore extends CommandStore {
    /** The tenant's webhooks, by name. */
    List<Webhook> webhooks(String tenantId);

    /** Keeps a webhook. */
    void put(Webhook webhook);

    /** Forgets a webhook. */
    void forgetWebhook(String tenantId, String name);
}
