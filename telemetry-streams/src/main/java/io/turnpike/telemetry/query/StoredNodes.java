package io.turnpike.telemetry.query;

import io.turnpike.contract.RecordCodec;
import io.turnpike.events.v1.NodeState;
import io.turnpike.events.v1.NodeStatus;
import io.turnpike.telemetry.store.Stores;
import io.turnpike.telemetry.store.v1.NodeEntry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.streams.state.KeyValueIterator;

/** Nodes from the node registry. */
public final class StoredNodes implements NodeQueries {
    private final Question<All, Nodes> all;
    private final Question<One, Nodes> one;

    private record All() {}

    private record One(String nodeId) {}

    private record Nodes(List<Node> nodes) {}

    /** @param partitions where the registry's partitions are */
    public StoredNodes(Partitions partitions) {
        all = partitions.serve("nodes", StoreGroup.NODES, All.class, Nodes.class, (question, stores) -> all(stores));
        one = partitions.serve("node", StoreGroup.NODES, One.class, Nodes.class, StoredNodes::one);
    }

    @Override
    public Answer<List<Node>> nodes() {
        return all.ofAll(new All()).map(parts -> parts.stream().flatMap(part -> part.nodes().stream())
                .sorted(Comparator.comparing(Node::id)).toList());
    }

    @Override
    public Answer<Optional<Node>> node(String nodeId) {
        return one.ofKey(nodeId, new One(nodeId)).map(part -> part.nodes().stream().findFirst());
    }

    private static Nodes all(PartitionStores stores) {
        List<Node> nodes = new ArrayList<>();
        try (KeyValueIterator<String, NodeEntry> all = stores.<String, NodeEntry>open(Stores.NODES).all()) {
            all.forEachRemaining(entry -> nodes.add(node(entry.value)));
        }
        return new Nodes(nodes);
    }

    private static Nodes one(One question, PartitionStores stores) {
        NodeEntry entry = stores.<String, NodeEntry>open(Stores.NODES).get(question.nodeId());
        return new Nodes(entry == null ? List.of() : List.of(node(entry)));
    }

    private static Node node(NodeEntry entry) {
        ByteBuffer buffer = entry.getStatus().duplicate();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        NodeStatus status = RecordCodec.decode(bytes, NodeStatus.class);
        return new Node(status.getHeader().getNodeId(), status.getHeader().getNodeEpoch(), status.getVersion(),
                state(entry, status.getState()), status.getStartedAt(), status.getHeader().getOccurredAt(),
                status.getListeners(), status.getAllocations(), status.getControlConnected(), status.getQueueDepth(),
                status.getSpoolBytes(), status.getDroppedRecords(), status.getDroppedPackets(),
                status.getUnauthenticated());
    }

    private static Node.State state(NodeEntry entry, NodeState said) {
        if (entry.getLost() && said != NodeState.STOPPED) {
            return Node.State.LOST;
        }
        return switch (said) {
            case STARTING -> Node.State.STARTING;
            case SERVING -> Node.State.SERVING;
            case DRAINING -> Node.State.DRAINING;
            case STOPPED -> Node.State.STOPPED;
            case UNKNOWN -> Node.State.UNKNOWN;
        };
    }
}
