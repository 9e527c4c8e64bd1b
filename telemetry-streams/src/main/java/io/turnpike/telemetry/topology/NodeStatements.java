package io.turnpike.telemetry.topology;

import io.turnpike.events.v1.EventHeader;
import io.turnpike.events.v1.NodeStatus;
import io.turnpike.telemetry.ops.PoisonRecord;
import io.turnpike.telemetry.store.Bucket;
import io.turnpike.telemetry.store.StoreKey;
import io.turnpike.telemetry.store.v1.CountedHour;
import io.turnpike.telemetry.store.v1.NodeCounts;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.streams.KeyValue;

/** What a heartbeat says of the events of the node's allocations, under the key by which the node is added up. */
final class NodeStatements {
    /** Hours that one heartbeat may name, far above what nodes do. */
    private static final int MOST_HOURS = 1_000;

    private NodeStatements() {}

    /** Nothing for a heartbeat that the node registry puts aside, or that is none. */
    static List<KeyValue<String, NodeCounts>> of(String key, NodeStatus status) {
        if (status == null || !isPlausible(key, status)) {
            return List.of();
        }
        EventHeader header = status.getHeader();
        return List.of(KeyValue.pair(StoreKey.nodeScope(header.getNodeId()),
                new NodeCounts(header.getNodeId(), header.getNodeEpoch(), header.getNodeSeq(),
                        status.getStartedAt().toEpochMilli(), status.getCountedThrough().toEpochMilli(),
                        status.getClosed(),
                        status.getHours().stream()
                                .map(hour -> new CountedHour(hour.getStart().toEpochMilli(), hour.getEvents(),
                                        hour.getGivenUp()))
                                .toList())));
    }

    private static boolean isPlausible(String key, NodeStatus status) {
        try {
            Door.checkNode(status.getHeader());
            Door.checkKey(key, status.getHeader().getNodeId(), "header.nodeId");
        } catch (PoisonRecord e) {
            return false;
        }
        return status.getHours().size() <= MOST_HOURS && status.getHours().stream().allMatch(
                hour -> isHour(hour.getStart()) && hour.getEvents() >= 0 && hour.getGivenUp() >= 0);
    }

    private static boolean isHour(Instant start) {
        return start.toEpochMilli() >= 0
                && Bucket.HOUR.startOf(start.toEpochMilli()) == start.toEpochMilli();
    }
}
