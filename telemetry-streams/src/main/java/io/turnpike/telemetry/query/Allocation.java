package io.turnpike.telemetry.query;

import io.turnpike.events.v1.AddressFamily;
import io.turnpike.events.v1.ClientTransport;
import io.turnpike.events.v1.EndReason;
import io.turnpike.events.v1.RelayTransport;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One allocation as the session tracker knows it.
 *
 * @param id {@code nodeId-epoch-counter}
 * @param tenantId tenant
 * @param userId user
 * @param nodeId node that serves it
 * @param transport how the client reached the relay
 * @param relayFamily family of the relayed transport address
 * @param relayTransport protocol between the relayed transport address and peers
 * @param clientPrefix client address cut to /24 or /48, or empty
 * @param software SOFTWARE attribute of the client, or empty
 * @param createdAt when it was created; empty if only later records have arrived
 * @param lastSeenAt time of the newest record about it
 * @param endedAt when it ended, empty while it lives
 * @param endReason why it ended, {@code NONE} while it lives
 * @param outcome how it is counted, empty while it lives
 * @param usage cumulative traffic
 * @param droppedPackets cumulative drops by reason
 * @param timeline what happened, ascending; lists of allocations leave it empty
 */
public record Allocation(String id, String tenantId, String userId, String nodeId, ClientTransport transport,
        AddressFamily relayFamily, RelayTransport relayTransport, String clientPrefix, String software,
        Optional<Instant> createdAt,
        Instant lastSeenAt, Optional<Instant> endedAt, EndReason endReason, Optional<Outcome> outcome, Usage usage,
        Map<String, Long> droppedPackets, List<TimelineEntry> timeline) {
    public Allocation {
        droppedPackets = Map.copyOf(droppedPackets);
        timeline = List.copyOf(timeline);
    }

    /** Which allocations a list shows. */
    public enum State {
        /** Alive by the newest record about them. */
        LIVE,
        /** Ended, or their node went silent. */
        ENDED
    }

    /**
     * A step in the life of an allocation.
     *
     * @param at when, by the node's clock
     * @param event name of the step: an AllocationEventKind, PermissionEventKind or Milestone
     * @param detail more in words, or empty
     */
    public record TimelineEntry(Instant at, String event, String detail) {}

    /** The state of this one. */
    public State state() {
        return endedAt.isPresent() ? State.ENDED : State.LIVE;
    }
}
