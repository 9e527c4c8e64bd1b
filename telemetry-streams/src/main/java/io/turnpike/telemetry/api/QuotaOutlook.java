package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.turnpike.telemetry.query.Projection;
import io.turnpike.telemetry.query.QuotaStatus;
import io.turnpike.telemetry.query.StoreUnavailable;
import io.turnpike.telemetry.query.UsageQueries;

/** When a quota will be used up, as a part of its status. Usage that cannot be read leaves that unknown, and no more. */
final class QuotaOutlook {
    private final UsageQueries usage;

    QuotaOutlook(UsageQueries usage) {
        this.usage = usage;
    }

    ObjectNode of(QuotaStatus status, Call call) {
        Projection projection = project(status, call);
        ObjectNode node = Json.object().put("outlook", projection.outlook().name());
        Json.put(node, "exhaustedAt", projection.exhaustedAt());
        Json.put(node, "earliest", projection.earliest());
        Json.put(node, "latest", projection.latest());
        ArrayNode trends = node.putArray("trends");
        projection.trends().forEach(trend -> {
            ObjectNode entry = trends.addObject().put("window", trend.window().text())
                    .put("from", Json.time(trend.from())).put("to", Json.time(trend.to()))
                    .put("bytesPerSecond", trend.bytesPerSecond());
            Json.put(entry, "exhaustedAt", trend.exhaustedAt());
        });
        return node;
    }

    private Projection project(QuotaStatus status, Call call) {
        Projection alone = Projection.without(status);
        if (alone.outlook() != Projection.Outlook.UNKNOWN) {
            return alone;
        }
        try {
            return Projection.of(status,
                    usage.tenantUsage(call.tenant(), Projection.needs(call.now()), Projection.STEP), call.now());
        } catch (StoreUnavailable e) {
            return alone;
        }
    }
}
