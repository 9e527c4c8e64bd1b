package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.DirectionUsage;
import io.turnpike.telemetry.query.NodeQueries;
import io.turnpike.telemetry.query.Step;
import io.turnpike.telemetry.query.TimeRange;
import io.turnpike.telemetry.query.Usage;
import io.turnpike.telemetry.query.UsageQueries;
import io.turnpike.telemetry.query.UsageSeries;
import io.turnpike.telemetry.query.UserPage;
import io.turnpike.telemetry.query.UserSort;
import java.time.Instant;
import java.util.Optional;

/** Who used what: series of a tenant, a user, a node, the cluster, and the users of a tenant. */
final class UsageResource {
    private final UsageQueries usage;
    private final KnownTenants known;
    private final NodeQueries nodes;

    UsageResource(UsageQueries usage, KnownTenants known, NodeQueries nodes) {
        this.usage = usage;
        this.known = known;
        this.nodes = nodes;
    }

    Reply ofTenant(Call call) {
        UsageWindow window = UsageWindow.of(call);
        Answer<UsageSeries> answer = usage.tenantUsage(call.tenant(), window.range(), window.step());
        known.requireUnless(!answer.value().points().isEmpty(), call.tenant());
        return series(Json.object().put("tenant", call.tenant()), answer);
    }

    Reply ofUser(Call call) {
        UsageWindow window = UsageWindow.of(call);
        Answer<UsageSeries> answer = usage.userUsage(call.tenant(), call.user(), window.range(), window.step());
        known.requireUnless(!answer.value().points().isEmpty(), call.tenant());
        return series(Json.object().put("tenant", call.tenant()).put("user", call.user()), answer);
    }

    /** A node that is gone has figures for longer than it is listed. */
    Reply ofNode(Call call) {
        UsageWindow window = UsageWindow.of(call);
        String node = call.path().get("node");
        Answer<UsageSeries> answer = usage.nodeUsage(node, window.range(), window.step());
        if (answer.value().points().isEmpty() && nodes.node(node).value().isEmpty()) {
            throw NodeResource.unknown();
        }
        return series(Json.object().put("node", node), answer);
    }

    Reply ofCluster(Call call) {
        UsageWindow window = UsageWindow.of(call);
        return series(Json.object(), usage.clusterUsage(window.range(), window.step()));
    }

    Reply users(Call call) {
        Optional<Cursor> cursor = call.cursor();
        UsageWindow window = cursor.map(UsageResource::window).orElseGet(() -> UsageWindow.ranking(call));
        UserSort sort = sort(call, cursor);
        Answer<UserPage> answer = usage.users(call.tenant(), window.range(), window.step(), sort, call.limit(),
                cursor.map(place -> new UserPage.After(place.number("bytes"), place.text("user"))));
        UserPage page = answer.value();
        known.requireUnless(!page.users().isEmpty(), call.tenant());
        ObjectNode body = Json.object().put("tenant", call.tenant());
        range(body, window.range(), window.step()).put("sort", sort.text());
        ArrayNode users = body.putArray("users");
        page.users().forEach(user -> {
            ObjectNode node = users.addObject().put("user", user.user());
            node.setAll(billed(user.usage()));
        });
        body.put("nextCursor", page.next()
                .map(after -> call.cursors().write(range(Json.object(), window.range(), window.step())
                        .put("sort", sort.text()).put("bytes", after.billableBytes()).put("user", after.user())))
                .orElse(null));
        return Reply.ok(body, answer.freshness());
    }

    /** The next page goes on with the range of the first, which would otherwise move with the clock. */
    private static UsageWindow window(Cursor cursor) {
        return new UsageWindow(new TimeRange(cursor.time("from"), cursor.time("to")),
                Step.parse(cursor.text("step")).orElseThrow(Cursor::foreign));
    }

    private static UserSort sort(Call call, Optional<Cursor> cursor) {
        UserSort asked = call.parameter("sort").map(text -> UserSort.parse(text)
                .orElseThrow(() -> Problem.parameter("sort", "must be one of -bytes, bytes, user")))
                .orElse(UserSort.BYTES_DESCENDING);
        if (cursor.isPresent() && !cursor.get().text("sort").equals(asked.text())) {
            throw Problem.parameter("cursor", "belongs to sort=" + cursor.get().text("sort"));
        }
        return asked;
    }

    private static Reply series(ObjectNode body, Answer<UsageSeries> answer) {
        UsageSeries series = answer.value();
        range(body, series.range(), series.step());
        ArrayNode points = body.putArray("points");
        Instant asOf = answer.freshness().asOf();
        series.points().forEach(point -> points.add(point(point.start(), point.usage())
                .put("partial", point.start().plus(series.step().length()).isAfter(asOf))));
        body.set("total", point(series.range().from(), series.total()));
        return Reply.ok(body, answer.freshness());
    }

    private static ObjectNode range(ObjectNode node, TimeRange range, Step step) {
        return node.put("from", Json.time(range.from())).put("to", Json.time(range.to())).put("step", step.text());
    }

    private static ObjectNode point(Instant start, Usage usage) {
        ObjectNode node = Json.object().put("start", Json.time(start));
        node.setAll(billed(usage));
        return node;
    }

    /** {@link #usage} and what of it is booked later than it was moved. */
    static ObjectNode billed(Usage usage) {
        return usage(usage).put("adjustmentBytes", usage.adjustmentBytes());
    }

    /** The four directions and the billable bytes. */
    static ObjectNode usage(Usage usage) {
        ObjectNode node = Json.object();
        node.set("clientToRelay", direction(usage.clientToRelay()));
        node.set("relayToPeer", direction(usage.relayToPeer()));
        node.set("peerToRelay", direction(usage.peerToRelay()));
        node.set("relayToClient", direction(usage.relayToClient()));
        return node.put("billableBytes", usage.billableBytes());
    }

    private static ObjectNode direction(DirectionUsage usage) {
        return Json.object().put("wireBytes", usage.wireBytes()).put("payloadBytes", usage.payloadBytes())
                .put("packets", usage.packets());
    }
}
