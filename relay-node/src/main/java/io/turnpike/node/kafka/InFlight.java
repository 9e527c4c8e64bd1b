package io.turnpike.node.kafka;

import io.turnpike.node.event.SequencedEvent;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * A record that was given to the producer. The producer's thread notes the outcome; everything else is confined to the
 * publisher thread.
 */
final class InFlight implements Callback {
    /** Where a record came from, and so where it goes back to if it does not arrive. */
    enum Origin {
        /** Straight from the ring: an end, a final counter, a step in a life. */
        STEP,
        /** A cumulative value: the newest one is worth keeping. */
        VALUE,
        /** The spool, which still has it. */
        SPOOL
    }

    private static final Exception NONE = new Exception("no failure");

    private final Origin origin;
    private final SequencedEvent event;
    private final WireRecord record;
    private final LongSupplier nanoClock;
    private final long sentAtNanos;
    private long doneAtNanos;
    private volatile Exception outcome;
    private boolean spooled;

    /** @param event null if it came from the spool */
    InFlight(Origin origin, SequencedEvent event, WireRecord record, LongSupplier nanoClock, long sentAtNanos) {
        this.origin = origin;
        this.event = event;
        this.record = record;
        this.nanoClock = nanoClock;
        this.sentAtNanos = sentAtNanos;
    }

    @Override
    public void onCompletion(RecordMetadata metadata, Exception exception) {
        doneAtNanos = nanoClock.getAsLong();
        outcome = exception == null ? NONE : exception;
    }

    void failed(Exception exception) {
        outcome = exception;
    }

    boolean isDone() {
        return outcome != null;
    }

    boolean hasArrived() {
        return outcome == NONE;
    }

    /** From the round that sent it to the acknowledgement; only of what has arrived. */
    long tookNanos() {
        return doneAtNanos - sentAtNanos;
    }

    Exception failure() {
        return outcome;
    }

    Origin origin() {
        return origin;
    }

    SequencedEvent event() {
        return event;
    }

    WireRecord record() {
        return record;
    }

    long sentAtNanos() {
        return sentAtNanos;
    }

    boolean isSpooled() {
        return spooled;
    }

    void setSpooled() {
        spooled = true;
    }
}
