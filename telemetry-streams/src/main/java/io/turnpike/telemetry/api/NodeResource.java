package io.turnpike.telemetry.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.Node;
import io.turnpike.telemetry.query.NodeQueries;
import java.util.List;
import java.util.Optional;

/** The relay nodes. */
final class NodeResource {
    private final NodeQueries nodes;

    NodeResource(NodeQueries nodes) {
        this.nodes = nodes;
    }

    Reply all(Call call) {
        Answer<List<Node>> answer = nodes.nodes();
        ObjectNode body = Json.object();
        ArrayNode list = body.putArray("nodes");
        answer.value().forEach(node -> list.add(node(node)));
        return Reply.ok(body, answer.freshness());
    }

    Reply one(Call call) {
        Answer<Optional<Node>> answer = nodes.node(call.path().get("node"));
        Node node = answer.value().orElseThrow(NodeResource::unknown);
        return Reply.ok(node(node), answer.freshness());
    }

    static Problem unknown() {
        return Problem.of(Problem.Kind.NOT_FOUND, "no node of this name was heard of");
    }

    private static ObjectNode node(Node node) {
        ObjectNode body = Json.object().put("id", node.id()).put("epoch", node.epoch()).put("version", node.version())
                .put("state", node.state().name()).put("startedAt", Json.time(node.startedAt()))
                .put("lastSeenAt", Json.time(node.lastSeenAt()));
        ArrayNode listeners = body.putArray("listeners");
        node.listeners().forEach(listeners::add);
        body.put("allocations", node.allocations()).put("controlConnected", node.controlConnected())
                .put("queueDepth", node.queueDepth()).put("spoolBytes", node.spoolBytes());
        body.set("droppedRecords", Json.counts(node.droppedRecords()));
        body.set("droppedPackets", Json.counts(node.droppedPackets()));
        body.set("unauthenticated", Json.counts(node.unauthenticated()));
        return body;
    }
}
