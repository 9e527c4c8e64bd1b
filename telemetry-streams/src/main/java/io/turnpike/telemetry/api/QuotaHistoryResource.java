package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.turnpike.contract.AuditEvent;
import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.QuotaEvent;
import io.turnpike.telemetry.query.TenantQueries;
import io.turnpike.telemetry.store.LedgerStores;
import java.util.List;

/** What was decided on a tenant, and on the quotas of its users. */
final class QuotaHistoryResource {
    static final String[] PARAMETERS = {"kind", "from", "to", "limit", "cursor"};
    static final String[] USERS_PARAMETERS = {"user", "kind", "from", "to", "limit", "cursor"};

    private final TenantQueries tenants;
    private final KnownTenants known;

    QuotaHistoryResource(TenantQueries tenants, KnownTenants known) {
        this.tenants = tenants;
        this.known = known;
    }

    Reply ofTenant(Call call) {
        return page(call, HistoryFilter.of(call),
                tenants.quotaHistory(call.tenant(), LedgerStores.AUDITS_PER_TENANT));
    }

    Reply ofUsers(Call call) {
        HistoryFilter filter = HistoryFilter.of(call);
        return page(call, filter,
                tenants.usersQuotaHistory(call.tenant(), filter.user(), LedgerStores.USER_AUDITS_PER_TENANT));
    }

    private Reply page(Call call, HistoryFilter filter, Answer<List<QuotaEvent>> answer) {
        known.requireUnless(!answer.value().isEmpty(), call.tenant());
        List<QuotaEvent> found = answer.value().stream().filter(filter::takes).limit(filter.limit() + 1L).toList();
        List<QuotaEvent> page = found.stream().limit(filter.limit()).toList();
        ObjectNode body = Json.object().put("tenant", call.tenant());
        ArrayNode events = body.putArray("events");
        page.forEach(event -> put(events.addObject(), event));
        body.put("nextCursor", found.size() > page.size()
                ? call.cursors().write(filter.place(page.get(page.size() - 1)))
                : null);
        return Reply.ok(body, answer.freshness());
    }

    private static void put(ObjectNode node, QuotaEvent event) {
        node.put("at", Json.time(event.at())).put("user", event.userId().isEmpty() ? null : event.userId())
                .put("kind", event.kind().name()).put("actor", event.actor()).put("version", event.version())
                .put("fromState", event.fromState().name()).put("toState", event.toState().name())
                .put("periodId", event.periodId());
        Json.put(node, "usedBytes", event.usedBytes());
        Json.put(node, "limitBytes", event.limitBytes());
        node.put("command", event.command().name()).put("subject", event.subject()).put("warnedPercent",
                event.warnedPercent() == 0 ? null : Integer.valueOf(event.warnedPercent()));
        ArrayNode changes = node.putArray("changes");
        event.changes().forEach(change -> changes.addObject().put("field", change.field())
                .put("before", change.before()).put("after", change.after()));
        node.put("type", event.type().map(AuditEvent::type).orElse(null)).put("reason", event.reason());
    }
}
