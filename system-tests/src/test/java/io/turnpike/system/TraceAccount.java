package io.turnpike.system;

import io.turnpike.benchmarks.streams.UsageTrace;
import io.turnpike.contract.Topic;
import io.turnpike.events.v1.EventHeader;
import io.turnpike.events.v1.NodeHour;
import io.turnpike.events.v1.NodeState;
import io.turnpike.events.v1.NodeStatus;
import io.turnpike.events.v1.UsageSnapshot;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** What the relays of a trace say of their events, and how often each of them was delivered. */
final class TraceAccount {
    private final Map<String, Node> nodes = new TreeMap<>();
    private long duplicates;

    private static final class Node {
        private final long epoch;
        private final BitSet delivered = new BitSet();
        private final TreeMap<Instant, NodeHour> hours = new TreeMap<>();
        private long heartbeats = 1L << 40; // numbers above those of all events

        Node(long epoch) {
            this.epoch = epoch;
        }
    }

    /** Notes that an event was delivered, for the first time or again. */
    void delivered(UsageTrace.Event event) {
        EventHeader header = (EventHeader) event.value().get(0);
        Node node = nodes.computeIfAbsent(header.getNodeId(), key -> new Node(header.getNodeEpoch()));
        int seq = Math.toIntExact(header.getNodeSeq());
        if (node.delivered.get(seq)) {
            duplicates++;
            return;
        }
        node.delivered.set(seq);
        Instant begins = event.value() instanceof UsageSnapshot snapshot
                ? snapshot.getIntervalStart()
                : header.getOccurredAt();
        Instant start = begins.truncatedTo(ChronoUnit.HOURS);
        NodeHour hour = node.hours.computeIfAbsent(start, key -> new NodeHour(key, 0L, 0L));
        hour.setEvents(hour.getEvents() + 1);
    }

    /** Deliveries of events that had been delivered before. */
    long duplicates() {
        return duplicates;
    }

    /** The last words of all nodes; the first of them has sent so many events more in its first hour than were delivered. */
    void lastWords(long lost, BiConsumer<Topic, NodeStatus> sink) {
        boolean isFirst = true;
        for (Map.Entry<String, Node> entry : nodes.entrySet()) {
            Node node = entry.getValue();
            List<NodeHour> hours = node.hours.values().stream()
                    .map(hour -> new NodeHour(hour.getStart(), hour.getEvents(), 0L)).toList();
            if (isFirst) {
                hours.get(0).setEvents(hours.get(0).getEvents() + lost);
                isFirst = false;
            }
            Instant end = node.hours.lastKey().plus(1, ChronoUnit.HOURS);
            sink.accept(Topic.NODE, NodeStatus.newBuilder()
                    .setHeader(new EventHeader(entry.getKey(), node.epoch, node.heartbeats++, end, "", ""))
                    .setVersion("trace").setState(NodeState.STOPPED).setStartedAt(node.hours.firstKey())
                    .setProcessNonce(1).setListeners(List.of()).setAllocations(0).setControlConnected(true)
                    .setQueueDepth(0).setSpoolBytes(0).setDroppedRecords(Map.of()).setDroppedPackets(Map.of())
                    .setUnauthenticated(Map.of()).setHours(hours).setCountedThrough(end).setClosed(true).build());
        }
    }
}
