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
import java.util.function.Supplier;
import org.apache.kafka.streams.state.KeyValueIterator;

/** Nodes from the node registry. */
public final class StoredNodes implements NodeQueries {
    private final StoreReader stores;
    private final Supplier<Freshness> freshness;

    /** @param freshness how fresh the registry is */
    public StoredNodes(StoreReader stores, Supplier<Freshness> freshness) {
        this.stores = stores;
        this.freshness = freshness;
    }

    @Override
    public Answer<List<Node>> nodes() {
        Freshness now = freshness.get();
        return new Answer<>(stores.<String, NodeEntry, List<Node>>read(Stores.NODES, registry -> {
            List<Node> nodes = new ArrayList<>();
            try (KeyValueIterator<String, NodeEntry> all = registry.all()) {
                all.forEachRemaining(entry -> nodes.add(node(entry.value)));
            }
            nodes.sort(Comparator.comparing(Node::id));
            return nodes;
        }), now);
    }

    @Override
    public Answer<Optional<Node>> node(String nodeId) {
        Freshness now = freshness.get();
        return new Answer<>(stores.<String, NodeEntry, Optional<Node>>read(Stores.NODES,
                registry -> Optional.ofNullable(registry.get(nodeId)).map(StoredNodes::node)), now);
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
