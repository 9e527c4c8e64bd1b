package io.turnpike.telemetry.query;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A relay node by its latest heartbeat.
 *
 * @param id configured name
 * @param epoch start of the node
 * @param version program version
 * @param state what it does, {@link State#LOST} when heartbeats stopped
 * @param startedAt when this epoch began
 * @param lastSeenAt time of the heartbeat
 * @param listeners listening addresses as {@code transport://host:port}
 * @param allocations live allocations
 * @param controlConnected whether it reads control topics up to date
 * @param queueDepth events that wait for its publisher
 * @param spoolBytes bytes of final records on its disk
 * @param droppedRecords cumulative telemetry records dropped, by kind
 * @param droppedPackets cumulative packets dropped, by reason
 * @param unauthenticated cumulative answers before authentication, by error code
 */
public record Node(String id, long epoch, String version, State state, Instant startedAt, Instant lastSeenAt,
        List<String> listeners, int allocations, boolean controlConnected, int queueDepth, long spoolBytes,
        Map<String, Long> droppedRecords, Map<String, Long> droppedPackets, Map<String, Long> unauthenticated) {
    public Node {
        listeners = List.copyOf(listeners);
        droppedRecords = Map.copyOf(droppedRecords);
        droppedPackets = Map.copyOf(droppedPackets);
        unauthenticated = Map.copyOf(unauthenticated);
    }

    /** What a node does. */
    public enum State {
        STARTING, SERVING, DRAINING, STOPPED,
        /** No heartbeat for 15 s and no farewell. */
        LOST, UNKNOWN
    }
}
