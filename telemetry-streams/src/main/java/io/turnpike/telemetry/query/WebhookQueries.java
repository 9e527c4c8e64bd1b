package io.turnpike.telemetry.query;

import java.util.List;

/** A tenant's webhooks, and how each fares. Any instance answers for all. */
public interface WebhookQueries {
    /**
     * The tenant's webhooks by name; none of an unknown tenant.
     *
     * @throws StoreUnavailable before all of them are known
     */
    Answer<List<WebhookEntry>> webhooks(String tenantId);
}
