package io.turnpike.node.kafka;

import io.turnpike.node.event.EventTally;
import io.turnpike.node.event.RelayEvent;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What this process says of the events of its allocations: how many there are in each hour, and up to when that is all of
 * them. It can only say so of a time before which nothing waits uncounted. Written by the publisher thread, read by any.
 */
final class EventAccount {
    private final EventTally tally;
    private final Clock clock;
    private final Duration longestInterval;
    private Instant begun = Instant.EPOCH;
    private volatile Instant countedThrough = Instant.EPOCH;
    private volatile boolean closed;

    /**
     * What the heartbeat says.
     *
     * @param hours counts of the newest hours
     * @param countedThrough events that begin before it are all in the hours; 1970 for nothing yet
     * @param closed whether there will be no further event
     */
    record Statement(List<EventTally.Hour> hours, Instant countedThrough, boolean closed) {
        /** Says nothing. */
        static final Statement NOTHING = new Statement(List.of(), Instant.EPOCH, false);
    }

    /**
     * @param tally counts what is refused before it comes here
     * @param clock the one by which events are timed
     * @param longestInterval how long before it is made an event may begin, at most, unless it has replaced another
     */
    EventAccount(EventTally tally, Clock clock, Duration longestInterval) {
        this.tally = tally;
        this.clock = clock;
        this.longestInterval = longestInterval;
    }

    /** Before events are taken out of the buffer. */
    void begin() {
        begun = clock.instant();
    }

    /** All events that were in the buffer when it was begun are counted. */
    void settle() {
        countedThrough = begun.minus(longestInterval);
    }

    /** There will be no further event. */
    void close() {
        closed = true;
    }

    /** Counts an event that is sent, or kept to be sent as it is. */
    void count(RelayEvent event) {
        tally.count(event);
    }

    /** An event that was counted is given up. */
    void giveUp(RelayEvent event) {
        tally.giveUp(event);
    }

    /** The limit is read before the counts, which may only be ahead of it. */
    Statement statement() {
        boolean last = closed;
        Instant through = countedThrough;
        return new Statement(tally.hours(), through, last);
    }
}
