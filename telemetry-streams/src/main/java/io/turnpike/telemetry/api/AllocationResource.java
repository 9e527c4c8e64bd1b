package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.turnpike.telemetry.query.Allocation;
import io.turnpike.telemetry.query.AllocationPage;
import io.turnpike.telemetry.query.AllocationQueries;
import io.turnpike.telemetry.query.Answer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Allocations: a tenant's live or ended ones, and one with its timeline. */
final class AllocationResource {
    private final AllocationQueries allocations;
    private final KnownTenants known;

    AllocationResource(AllocationQueries allocations, KnownTenants known) {
        this.allocations = allocations;
        this.known = known;
    }

    Reply ofTenant(Call call) {
        Allocation.State state = state(call);
        Answer<AllocationPage> answer = allocations.allocations(call.tenant(), state, call.userParameter(),
                call.limit(), call.cursor().map(place -> after(place, state)));
        AllocationPage page = answer.value();
        known.requireUnless(!page.allocations().isEmpty(), call.tenant());
        ObjectNode body = Json.object().put("tenant", call.tenant()).put("state", text(state));
        ArrayNode list = body.putArray("allocations");
        page.allocations().forEach(allocation -> list.add(allocation(allocation)));
        body.put("nextCursor", page.next().map(after -> call.cursors().write(place(after, state))).orElse(null));
        return Reply.ok(body, answer.freshness());
    }

    /** One allocation; another tenant's is as unknown as one that never was. */
    Reply one(Call call) {
        String id = call.path().get("id");
        Answer<Optional<Allocation>> answer = allocations.allocation(id);
        Allocation allocation = answer.value().filter(found -> call.caller().sees(found.tenantId()))
                .orElseThrow(() -> Problem.of(Problem.Kind.NOT_FOUND, "no allocation of this id is known (any more)"));
        ObjectNode body = allocation(allocation);
        ArrayNode timeline = body.putArray("timeline");
        allocation.timeline().forEach(entry -> timeline.addObject().put("at", Json.time(entry.at()))
                .put("event", entry.event()).put("detail", entry.detail()));
        return Reply.ok(body, answer.freshness());
    }

    private static Allocation.State state(Call call) {
        return call.parameter("state").map(text -> Arrays.stream(Allocation.State.values())
                .filter(state -> text(state).equals(text)).findFirst()
                .orElseThrow(() -> Problem.parameter("state", "must be live or ended"))).orElse(Allocation.State.LIVE);
    }

    private static String text(Allocation.State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    private static AllocationPage.After after(Cursor place, Allocation.State state) {
        if (!place.text("state").equals(text(state))) {
            throw Problem.parameter("cursor", "belongs to a list of another state");
        }
        return new AllocationPage.After(
                place.has("endedAt") ? Optional.of(place.time("endedAt")) : Optional.empty(), place.text("id"));
    }

    private static ObjectNode place(AllocationPage.After after, Allocation.State state) {
        ObjectNode place = Json.object().put("state", text(state)).put("id", after.id());
        after.endedAt().ifPresent(at -> place.put("endedAt", at.toString()));
        return place;
    }

    private static ObjectNode allocation(Allocation allocation) {
        ObjectNode node = Json.object().put("id", allocation.id()).put("tenant", allocation.tenantId())
                .put("user", allocation.userId()).put("node", allocation.nodeId())
                .put("state", text(allocation.state())).put("transport", allocation.transport().name())
                .put("relayFamily", allocation.relayFamily().name())
                .put("relayTransport", allocation.relayTransport().name())
                .put("clientPrefix", allocation.clientPrefix())
                .put("software", allocation.software());
        Json.put(node, "createdAt", allocation.createdAt());
        node.put("lastSeenAt", Json.time(allocation.lastSeenAt()));
        Json.put(node, "endedAt", allocation.endedAt());
        node.put("endReason", allocation.endReason().name());
        node.put("outcome", allocation.outcome().map(Enum::name).orElse(null));
        node.set("usage", UsageResource.usage(allocation.usage()));
        node.set("droppedPackets", Json.counts(allocation.droppedPackets()));
        return node;
    }
}
