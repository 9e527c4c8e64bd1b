package io.turnpike.telemetry.ledger;

import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.TenantRecord;
import io.turnpike.control.v1.Webhook;
import java.util.List;
import java.util.Optional;

/** What the ledger's task keeps of webhooks. */
public interface WebhookStore {
    /** The tenant's newest record, a deleted tenant's too. */
    Optional<TenantRecord> tenant(String tenantId);

    /** The tenant's webhooks, by name. */
    List<Webhook> webhooks(String tenantId);

    /** Keeps a webhook. */
    void put(Webhook webhook);

    /** Forgets a webhook. */
    void forgetWebhook(String tenantId, String name);

    /** The tenant's recent audits, oldest first; their number is bounded. */
    List<QuotaAudit> recentAudits(String tenantId);
}
