package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.AuditedHours;
import io.turnpike.telemetry.query.CompletenessQueries;
import io.turnpike.telemetry.query.Step;
import io.turnpike.telemetry.query.TimeRange;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Whether all that the nodes sent has arrived, by hour and node. */
final class CompletenessResource {
    private static final Duration KEPT = Duration.ofDays(7);
    private static final Duration DEFAULT_LENGTH = Duration.ofHours(24);

    private final CompletenessQueries completeness;

    CompletenessResource(CompletenessQueries completeness) {
        this.completeness = completeness;
    }

    Reply hours(Call call) {
        TimeRange range = range(call);
        Answer<List<AuditedHours.Hour>> answer = completeness.hours(range);
        ObjectNode body = Json.object().put("from", Json.time(range.from())).put("to", Json.time(range.to()));
        ArrayNode hours = body.putArray("hours");
        answer.value().forEach(hour -> hours.add(hour(hour)));
        return Reply.ok(body, answer.freshness());
    }

    /** Whole hours; up to the end of the running one, and a day long, if nothing else is asked for. */
    private static TimeRange range(Call call) {
        Optional<Instant> from = call.parameter("from").map(text -> UsageWindow.time("from", text));
        Optional<Instant> to = call.parameter("to").map(text -> UsageWindow.time("to", text));
        Instant end = to.map(Step.HOUR::ceiling).orElseGet(() -> Step.HOUR.floor(call.now()).plus(Step.HOUR.length()));
        Instant start = Step.HOUR.floor(from.orElseGet(() -> end.minus(DEFAULT_LENGTH)));
        if (!start.isBefore(end) || from.isPresent() && to.isPresent() && !from.get().isBefore(to.get())) {
            throw Problem.parameter("from", to.isPresent() ? "must be before to" : "must not be in the future");
        }
        if (start.isBefore(Step.HOUR.floor(call.now().minus(KEPT)))
                || Duration.between(start, end).compareTo(KEPT.plus(Step.HOUR.length())) > 0) {
            throw Problem.parameter("from", "what has arrived is known for " + KEPT.toHours() + " hours");
        }
        return new TimeRange(start, end);
    }

    private static ObjectNode hour(AuditedHours.Hour hour) {
        ObjectNode body = Json.object().put("start", Json.time(hour.start())).put("complete", hour.complete());
        ArrayNode nodes = body.putArray("nodes");
        hour.nodes().forEach(node -> nodes.add(node(node)));
        return body;
    }

    private static ObjectNode node(AuditedHours.Node node) {
        ObjectNode body = Json.object().put("node", node.node());
        Json.put(body, "expected", node.expected());
        body.put("received", node.received());
        Json.put(body, "missing", node.missing());
        return body.put("givenUp", node.givenUp()).put("duplicates", node.duplicates()).put("counted", node.counted())
                .put("complete", node.complete());
    }
}
