package io.turnpike.ctl;

import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code ctl nodes}: the relays of the cluster. */
@Command(name = "nodes", description = "List the relay nodes, or show one.")
final class NodesCommand {

    @Command(description = "List the relay nodes.")
    void list(@Mixin Session session) {
        session.print(session.api().get(Path.of("nodes")).body(), answer -> table(answer.path("nodes")));
    }

    @Command(description = "Show a relay node.")
    void get(@Mixin Session session, @Parameters(paramLabel = "NODE") String node) {
        session.print(session.api().get(Path.of("nodes", node)).body(), answer -> table(List.of(answer)));
    }

    private static Table table(Iterable<JsonNode> nodes) {
        Table table = new Table("NODE", "EPOCH", "STATE", "ALLOCATIONS", "CONTROL", "LAST SEEN", "LISTENERS");
        for (JsonNode node : nodes) {
            List<String> listeners = new ArrayList<>();
            node.path("listeners").forEach(listener -> listeners.add(listener.asText()));
            table.row(node.path("id"), node.path("epoch"), node.path("state"), node.path("allocations"),
                    node.path("controlConnected").asBoolean() ? "connected" : "lost", node.path("lastSeenAt"),
                    String.join(" ", listeners));
        }
        return table;
    }
}
