package io.turnpike.telemetry.query;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * The rule by which an hour is complete: every process of every node that was live in it has said how many events it has,
 * to the last one, and just as many have arrived. What nobody can know is never taken for nothing: a process that was killed
 * has not said its last word, and a node that fell silent may still relay.
 */
public final class AuditedHours {
    /**
     * So long a node that fell silent without a word is taken to be live: as long as it remembers itself what it sent. After
     * that its hours could not become complete even if it came back.
     */
    public static final Duration WRITTEN_OFF_AFTER = Duration.ofHours(48);
    private static final long HOUR_MILLIS = Duration.ofHours(1).toMillis();

    private final Map<String, TreeMap<Long, Process>> nodes = new TreeMap<>();
    private final long nowMillis;

    /**
     * An hour of the cluster.
     *
     * @param start of the hour
     * @param complete whether every node's is; false if no node was live in it
     * @param nodes those that were live in it, by name
     */
    public record Hour(Instant start, boolean complete, List<Node> nodes) {
        public Hour {
            nodes = List.copyOf(nodes);
        }
    }

    /**
     * An hour of a node.
     *
     * @param node name
     * @param expected events that it says begin in the hour, so far; empty if a process of it has said nothing
     * @param received events that have arrived, each counted once
     * @param missing of those that are expected; empty where that is
     * @param givenUp events that it says it has given up; they stay missing
     * @param duplicates arrivals of events that had arrived before
     * @param counted whether it has said how many there are, to the last one
     * @param complete whether just those have arrived that it counts
     */
    public record Node(String node, OptionalLong expected, long received, OptionalLong missing, long givenUp,
            long duplicates, boolean counted, boolean complete) {}

    /** What an epoch says as a whole; milliseconds since 1970, heard by the broker's clock, all else by the node's. */
    record Epoch(String nodeId, long epoch, long startedAtMillis, long countedThroughMillis, boolean closed,
            long unsaidBeforeMillis, long heardAtMillis) {
        /** Whether it has said how many events begin before a time that ends an hour. */
        boolean hasCounted(long endMillis) {
            return endMillis > unsaidBeforeMillis && (closed || countedThroughMillis >= endMillis);
        }

        boolean hasSpoken() {
            return closed || countedThroughMillis > 0;
        }
    }

    /** Both sides of an hour of an epoch. */
    record EpochHour(String nodeId, long epoch, long hourMillis, long expected, long givenUp, long received,
            long duplicates) {}

    private static final class Process {
        private Epoch epoch;
        private final Map<Long, EpochHour> hours = new HashMap<>();
    }

    AuditedHours(Instant now) {
        nowMillis = now.toEpochMilli();
    }

    void add(Epoch epoch) {
        process(epoch.nodeId(), epoch.epoch()).epoch = epoch;
    }

    void add(EpochHour hour) {
        process(hour.nodeId(), hour.epoch()).hours.put(hour.hourMillis(), hour);
    }

    private Process process(String nodeId, long epoch) {
        return nodes.computeIfAbsent(nodeId, key -> new TreeMap<>()).computeIfAbsent(epoch, key -> new Process());
    }

    List<Hour> in(TimeRange range) {
        List<Hour> hours = new ArrayList<>();
        for (long start = range.from().toEpochMilli(); start < range.to().toEpochMilli(); start += HOUR_MILLIS) {
            hours.add(hour(start));
        }
        return hours;
    }

    private Hour hour(long start) {
        List<Node> live = new ArrayList<>();
        nodes.forEach((nodeId, processes) -> {
            Sum sum = new Sum();
            processes.forEach((epoch, process) -> {
                if (isLive(process, processes.higherEntry(epoch), start)) {
                    sum.add(process.epoch, process.hours.get(start), start + HOUR_MILLIS);
                }
            });
            if (sum.processes > 0) {
                live.add(sum.node(nodeId));
            }
        });
        return new Hour(Instant.ofEpochMilli(start), !live.isEmpty() && live.stream().allMatch(Node::complete), live);
    }

    private boolean isLive(Process process, Map.Entry<Long, Process> next, long start) {
        if (process.hours.containsKey(start)) {
            return true;
        }
        Epoch epoch = process.epoch;
        return epoch != null && epoch.startedAtMillis() < start + HOUR_MILLIS && end(epoch, next) > start;
    }

    /** When it ended, at the latest. */
    private long end(Epoch epoch, Map.Entry<Long, Process> next) {
        if (epoch.closed()) {
            return epoch.countedThroughMillis();
        }
        if (next != null && next.getValue().epoch != null) {
            return next.getValue().epoch.startedAtMillis();
        }
        return nowMillis - epoch.heardAtMillis() > WRITTEN_OFF_AFTER.toMillis()
                ? Math.max(epoch.heardAtMillis(), epoch.countedThroughMillis()) + 1
                : Long.MAX_VALUE;
    }

    /** The processes of one node in one hour. */
    private static final class Sum {
        private int processes;
        private boolean isKnown = true;
        private boolean isCounted = true;
        private boolean isEqual = true;
        private long expected;
        private long received;
        private long missing;
        private long givenUp;
        private long duplicates;

        void add(Epoch epoch, EpochHour hour, long endMillis) {
            processes++;
            long said = hour == null ? 0 : hour.expected();
            long arrived = hour == null ? 0 : hour.received();
            isKnown &= epoch != null && epoch.hasSpoken();
            isCounted &= epoch != null && epoch.hasCounted(endMillis);
            isEqual &= said == arrived;
            expected += said;
            received += arrived;
            missing += Math.max(0, said - arrived);
            givenUp += hour == null ? 0 : hour.givenUp();
            duplicates += hour == null ? 0 : hour.duplicates();
        }

        Node node(String nodeId) {
            return new Node(nodeId, isKnown ? OptionalLong.of(expected) : OptionalLong.empty(), received,
                    isKnown ? OptionalLong.of(missing) : OptionalLong.empty(), givenUp, duplicates, isCounted,
                    isCounted && isEqual);
        }
    }
}
