package io.turnpike.telemetry.api;

import io.turnpike.telemetry.query.Answer;
import io.turnpike.telemetry.query.Node;
import io.turnpike.telemetry.query.NodeQueries;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Relay nodes, by name. */
final class FakeNodes implements NodeQueries {
    private final FakeStores stores;
    private final List<Node> nodes = new ArrayList<>();

    FakeNodes(FakeStores stores) {
        this.stores = stores;
    }

    synchronized void clear() {
        nodes.clear();
    }

    synchronized void add(Node node) {
        nodes.removeIf(known -> known.id().equals(node.id()));
        nodes.add(node);
        nodes.sort(Comparator.comparing(Node::id));
    }

    @Override
    public synchronized Answer<List<Node>> nodes() {
        return stores.answer(List.copyOf(nodes));
    }

    @Override
    public synchronized Answer<Optional<Node>> node(String nodeId) {
        return stores.answer(nodes.stream().filter(node -> node.id().equals(nodeId)).findFirst());
    }
}
