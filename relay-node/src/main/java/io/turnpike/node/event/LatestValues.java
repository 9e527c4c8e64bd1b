package io.turnpike.node.event;

import io.turnpike.contract.UserKey;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * The newest cumulative value of each allocation, of each tenant's and user's quota report, and of the node's heartbeat. Since a
 * later value says everything that an earlier one said, this map is the whole backlog of usage, however long nobody
 * takes it. Thread-safe.
 */
public final class LatestValues {
    private enum Of {
        ALLOCATION, TENANT, USER, NODE
    }

    private record Subject(Of kind, String id) {}

    private final Map<Subject, SequencedEvent> latest = new ConcurrentHashMap<>();
    private final AtomicInteger size = new AtomicInteger();
    private final int capacity;

    /**
     * Makes an empty map.
     *
     * @param capacity most subjects that are kept
     */
    public LatestValues(int capacity) {
        this.capacity = capacity;
    }

    /** Keeps the event if it is a cumulative value, unless a newer one is here; false if it cannot be kept. */
    public boolean keep(SequencedEvent event) {
        Subject subject = subjectOf(event.event());
        if (subject == null) {
            return false;
        }
        SequencedEvent kept = latest.compute(subject, (key, old) -> {
            if (old != null) {
                return old.nodeSeq() > event.nodeSeq() ? old.replacing(event) : event.replacing(old);
            }
            if (size.incrementAndGet() > capacity) {
                size.decrementAndGet();
                return null;
            }
            return event;
        });
        return kept != null;
    }

    /** The event, in the place of what is kept of its allocation, which is forgotten if the event is its final value. */
    public SequencedEvent replace(SequencedEvent event) {
        if (event.event() instanceof UsageSampled sample && sample.finalSample()) {
            SequencedEvent replaced = latest.remove(new Subject(Of.ALLOCATION, sample.allocation().allocationId()));
            if (replaced != null) {
                size.decrementAndGet();
                return event.replacing(replaced);
            }
        }
        return event;
    }

    /** Takes everything. */
    public int drain(Consumer<SequencedEvent> target) {
        if (size.get() == 0) {
            return 0;
        }
        int drained = 0;
        for (Iterator<Subject> subjects = latest.keySet().iterator(); subjects.hasNext();) {
            SequencedEvent event = latest.remove(subjects.next());
            if (event != null) {
                size.decrementAndGet();
                target.accept(event);
                drained++;
            }
        }
        return drained;
    }

    /** Takes one value, or null if there is none. */
    public SequencedEvent poll() {
        if (size.get() == 0) {
            return null; // the publisher asks at every turn, and a map's iterator is an object
        }
        for (Subject subject : latest.keySet()) {
            SequencedEvent event = latest.remove(subject);
            if (event != null) {
                size.decrementAndGet();
                return event;
            }
        }
        return null;
    }

    /** Values kept now. */
    public int size() {
        return size.get();
    }

    private static Subject subjectOf(RelayEvent event) {
        if (event instanceof UsageSampled sample) {
            return new Subject(Of.ALLOCATION, sample.allocation().allocationId());
        }
        if (event instanceof TenantUsageReported report) {
            return report.userId().isEmpty()
                    ? new Subject(Of.TENANT, report.tenantId())
                    : new Subject(Of.USER, new UserKey(report.tenantId(), report.userId()).text());
        }
        return event instanceof NodeStatusReported ? new Subject(Of.NODE, "") : null;
    }
}
