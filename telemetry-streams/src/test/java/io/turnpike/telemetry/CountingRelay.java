package io.turnpike.telemetry;

import io.turnpike.events.v1.AllocationEvent;
import io.turnpike.events.v1.EndReason;
import io.turnpike.events.v1.NodeHour;
import io.turnpike.events.v1.NodeState;
import io.turnpike.events.v1.NodeStatus;
import io.turnpike.events.v1.UsageSnapshot;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One start of a relay, for tests: numbers the events of its allocations, and counts them by the hour as a relay does. */
public final class CountingRelay {
    private final Events events;
    private final String nodeId;
    private final Instant startedAt;
    private final Map<Integer, Integer> nextSeqs = new HashMap<>();
    private final TreeMap<Instant, NodeHour> hours = new TreeMap<>();

    public CountingRelay(String nodeId, long epoch, Instant startedAt) {
        this.nodeId = nodeId;
        this.startedAt = startedAt;
        events = new Events(nodeId, epoch);
    }

    public String nodeId() {
        return nodeId;
    }

    public String allocationId(int counter) {
        return events.allocationId(counter);
    }

    public AllocationEvent created(int counter, Instant at, String tenantId, String userId) {
        AllocationEvent event = events.created(counter, at, tenantId, userId);
        event.setAllocationSeq(next(counter, at));
        return event;
    }

    public UsageSnapshot snapshot(int counter, Instant from, Instant at, String tenantId, String userId, long bytes) {
        UsageSnapshot event = events.snapshot(counter, from, at, tenantId, userId, bytes);
        event.setAllocationSeq(next(counter, from));
        return event;
    }

    public AllocationEvent ended(int counter, Instant at, String tenantId, String userId) {
        AllocationEvent event = events.ended(counter, at, tenantId, userId, EndReason.CLIENT_RELEASED);
        event.setAllocationSeq(next(counter, at));
        return event;
    }

    private int next(int counter, Instant beginsAt) {
        Instant hour = beginsAt.truncatedTo(ChronoUnit.HOURS);
        NodeHour count = hours.computeIfAbsent(hour, key -> new NodeHour(key, 0L, 0L));
        count.setEvents(count.getEvents() + 1);
        return nextSeqs.merge(counter, 1, Integer::sum) - 1;
    }

    /** An event of the hour was made and given up. */
    public void givenUp(int counter, Instant beginsAt) {
        next(counter, beginsAt);
        NodeHour count = hours.get(beginsAt.truncatedTo(ChronoUnit.HOURS));
        count.setGivenUp(count.getGivenUp() + 1);
    }

    /** The heartbeat of a node that has counted all events that begin before a time. */
    public NodeStatus heartbeat(Instant at, Instant countedThrough) {
        NodeStatus status = events.status(at, NodeState.SERVING);
        status.setStartedAt(startedAt);
        status.setHours(hours.values().stream()
                .map(hour -> new NodeHour(hour.getStart(), hour.getEvents(), hour.getGivenUp())).toList());
        status.setCountedThrough(countedThrough);
        return status;
    }

    /** The last word of the process. */
    public NodeStatus stopped(Instant at) {
        NodeStatus status = heartbeat(at, at);
        status.setState(NodeState.STOPPED);
        status.setClosed(true);
        return status;
    }

    /** The heartbeat of a build that does not count yet. */
    public NodeStatus silentHeartbeat(Instant at) {
        NodeStatus status = heartbeat(at, Instant.EPOCH);
        status.setHours(List.of());
        return status;
    }
}
