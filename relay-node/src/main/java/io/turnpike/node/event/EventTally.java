package io.turnpike.node.event;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the events of allocations by the hour in which they begin, so that whoever reads them from Kafka can tell whether
 * all have arrived. An event is counted once, when it is sent, kept to be sent, or given up; a sample that a later one
 * replaces before that is never counted, since the later one begins where it began. Thread-safe.
 */
public final class EventTally {
    /** Hours that are remembered, the newest ones. */
    public static final int MOST_HOURS = 48;
    private static final long HOUR_SECONDS = Duration.ofHours(1).toSeconds();

    private final ConcurrentSkipListMap<Long, Counts> hours = new ConcurrentSkipListMap<>();

    private static final class Counts {
        private final AtomicLong events = new AtomicLong();
        private final AtomicLong givenUp = new AtomicLong();
    }

    /**
     * What is counted of one hour.
     *
     * @param start of the hour, by the node's clock
     * @param events events that are to arrive once each
     * @param givenUp those of them that will not
     */
    public record Hour(Instant start, long events, long givenUp) {}

    /** Counts an event, if it is one of an allocation. */
    public void count(RelayEvent event) {
        if (event instanceof AllocationStep step) {
            hour(step).events.incrementAndGet();
        }
    }

    /** Counts an event that is given up, if it is one of an allocation and was counted before. */
    public void giveUp(RelayEvent event) {
        if (event instanceof AllocationStep step) {
            hour(step).givenUp.incrementAndGet();
        }
    }

    /** The newest hours that have events, in order. */
    public List<Hour> hours() {
        return hours.entrySet().stream().map(hour -> new Hour(Instant.ofEpochSecond(hour.getKey() * HOUR_SECONDS),
                hour.getValue().events.get(), hour.getValue().givenUp.get())).toList();
    }

    private Counts hour(AllocationStep step) {
        long hour = Math.floorDiv(step.beginsAt().getEpochSecond(), HOUR_SECONDS);
        Counts counts = hours.get(hour);
        if (counts == null) {
            counts = hours.computeIfAbsent(hour, key -> new Counts());
            while (hours.size() > MOST_HOURS) {
                hours.pollFirstEntry();
            }
        }
        return counts;
    }
}
