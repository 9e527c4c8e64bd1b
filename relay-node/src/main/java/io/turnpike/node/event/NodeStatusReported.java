package io.turnpike.node.event;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Heartbeat of the node, every five seconds.
 *
 * @param occurredAt wall clock of the node
 * @param version program version
 * @param state what the node is doing
 * @param startedAt when this epoch began
 * @param listeners listening addresses as {@code transport://host:port}
 * @param allocations live allocations
 * @param droppedPackets cumulative packets dropped, by reason label
 * @param unauthenticated cumulative answers given before authentication, by error code
 */
public record NodeStatusReported(Instant occurredAt, String version, NodeState state, Instant startedAt,
        List<String> listeners, int allocations, Map<String, Long> droppedPackets,
        Map<String, Long> unauthenticated) implements RelayEvent {
    /** Copies the collections. */
    public NodeStatusReported {
        droppedPackets = Map.copyOf(droppedPackets);
        unauthenticated = Map.copyOf(unauthenticated);
        listeners = List.copyOf(listeners);
    }

    @Override
    public String tenantId() {
        return "";
    }

    @Override
    public String userId() {
        return "";
    }

    @Override
    public EventPriority priority() {
        return EventPriority.PERIODIC;
    }

    @Override
    public <R> R accept(EventVisitor<R> visitor) {
        return visitor.visit(this);
    }
}
