package io.turnpike.telemetry.api;

import static io.turnpike.telemetry.api.Access.CLUSTER;
import static io.turnpike.telemetry.api.Access.MINT;
import static io.turnpike.telemetry.api.Access.OPERATOR;
import static io.turnpike.telemetry.api.Access.OWN;
import static io.turnpike.telemetry.api.Access.PUBLIC;
import static io.turnpike.telemetry.api.Access.TENANT;
import static io.turnpike.telemetry.api.Route.delete;
import static io.turnpike.telemetry.api.Route.get;
import static io.turnpike.telemetry.api.Route.post;
import static io.turnpike.telemetry.api.Route.put;

import java.util.List;

/** The API on one page: every resource, who may use it, and what answers. */
final class Routes {
    private Routes() {}

    static List<Route> of(ApiConfig config, ApiSources sources) {
        KnownTenants known = new KnownTenants(sources.tenants());
        Commands commands = new Commands(sources.commands(), config.commandTimeout());
        TenantResource tenants = new TenantResource(sources.tenants(), known, commands, config.secretSeal());
        QuotaResource quota = new QuotaResource(sources.tenants(), known, commands,
                new QuotaOutlook(sources.usage()));
        QuotaHistoryResource history = new QuotaHistoryResource(sources.tenants(), known);
        WhatIfResource whatIf = new WhatIfResource(sources.usage(), known, sources.clock());
        UsageResource usage = new UsageResource(sources.usage(), known, sources.nodes());
        ExportResource export = new ExportResource(sources.export(), known);
        AllocationResource allocations = new AllocationResource(sources.allocations(), known);
        ConnectivityResource connectivity = new ConnectivityResource(sources.outcomes(), known);
        CredentialResource credentials = new CredentialResource(sources.tenants(), known, commands,
                config.secretSeal(), config.iceUrls());
        WebhookResource webhooks = new WebhookResource(sources.webhooks(), known, commands, config.secretSeal(),
                config.webhookRefusal());
        NodeResource nodes = new NodeResource(sources.nodes());
        CompletenessResource completeness = new CompletenessResource(sources.completeness());
        LetterResource letters = new LetterResource(sources.letters());
        HealthResource health = new HealthResource(sources.readiness(), sources.metrics());
        return List.of(
                get("/v1/tenants", OWN, tenants::list, "limit", "cursor"),
                get("/v1/tenants/{tenant}", TENANT, tenants::one),
                put("/v1/tenants/{tenant}", OPERATOR, tenants::put),
                delete("/v1/tenants/{tenant}", OPERATOR, tenants::delete),

                get("/v1/tenants/{tenant}/quota", TENANT, quota::get),
                put("/v1/tenants/{tenant}/quota", OPERATOR, quota::put),
                get("/v1/tenants/{tenant}/quota/status", TENANT, quota::status),
                get("/v1/tenants/{tenant}/quota/history", TENANT, history::ofTenant,
                        QuotaHistoryResource.PARAMETERS),
                get("/v1/tenants/{tenant}/quota/history/users", TENANT, history::ofUsers,
                        QuotaHistoryResource.USERS_PARAMETERS),
                post("/v1/tenants/{tenant}/quota/what-if", TENANT, whatIf::ask),

                get("/v1/tenants/{tenant}/webhooks", TENANT, webhooks::list),
                get("/v1/tenants/{tenant}/webhooks/{name}", TENANT, webhooks::one),
                put("/v1/tenants/{tenant}/webhooks/{name}", OPERATOR, webhooks::put),
                delete("/v1/tenants/{tenant}/webhooks/{name}", OPERATOR, webhooks::delete),
                post("/v1/tenants/{tenant}/webhooks/{name}/test", OPERATOR, webhooks::test),

                get("/v1/tenants/{tenant}/usage", TENANT, usage::ofTenant, "from", "to", "step"),
                get("/v1/tenants/{tenant}/users", TENANT, usage::users, "from", "to", "step", "sort", "limit",
                        "cursor"),
                get("/v1/tenants/{tenant}/users/{user}/usage", TENANT, usage::ofUser, "from", "to", "step"),
                get("/v1/tenants/{tenant}/users/{user}/quota", TENANT, quota::userStatus),
                get("/v1/tenants/{tenant}/allocations", TENANT, allocations::ofTenant, "state", "user", "limit",
                        "cursor"),
                get("/v1/usage/export", OWN, export::export, ExportResource.PARAMETERS),
                get("/v1/allocations/{id}", OWN, allocations::one),
                get("/v1/tenants/{tenant}/connectivity", TENANT, connectivity::ofTenant),
                post("/v1/tenants/{tenant}/credentials", MINT, credentials::mint),
                delete("/v1/tenants/{tenant}/credentials/{user}", MINT, credentials::revoke),

                get("/v1/cluster/usage", CLUSTER, usage::ofCluster, "from", "to", "step"),
                get("/v1/cluster/connectivity", CLUSTER, connectivity::ofCluster),
                get("/v1/nodes", CLUSTER, nodes::all),
                get("/v1/nodes/{node}", CLUSTER, nodes::one),
                get("/v1/nodes/{node}/usage", CLUSTER, usage::ofNode, "from", "to", "step"),

                get("/v1/telemetry/completeness", CLUSTER, completeness::hours, "from", "to"),

                get("/v1/dlq", OPERATOR, letters::list, "since", "topic", "reason", "limit", "cursor"),
                get("/v1/dlq/{letter}", OPERATOR, letters::one),
                post("/v1/dlq/{letter}/replay", OPERATOR, letters::replay),

                get("/openapi.yaml", PUBLIC, health::openApi),
                get("/v1/openapi.yaml", PUBLIC, health::openApi),
                get("/health/live", PUBLIC, health::live),
                get("/health/ready", PUBLIC, health::ready),
                get("/metrics", PUBLIC, health::metrics));
    }
}
