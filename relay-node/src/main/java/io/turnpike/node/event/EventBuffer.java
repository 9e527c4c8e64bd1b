package io.turnpike.node.event;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;
import org.jctools.queues.atomic.MpscAtomicArrayQueue;

/**
 * The bounded buffer between event loops and the publisher thread: refuses, never blocks. The node's sequence number is
 * taken before the decision, so that a refused event is a visible gap, which {@link #refused} explains.
 *
 * <p>One ring of {@code slots}; each priority may fill it only up to its share, so that periodic samples are refused
 * first and finals last. A refused sample or quota report is no loss: the newest one of each allocation and tenant is
 * kept beside the ring and taken by {@link #drain}, because its counters are cumulative.
 *
 * <p>Any thread offers; one thread drains.
 */
public final class EventBuffer implements EventSink {
    /** Fractions of the ring, in 1/16, that a priority may fill: in the order of {@link EventPriority}. */
    private static final int[] SHARE_16 = {16, 15, 14, 8};
    /** How often an offer looks whether the ring fills, and how full is too full to wait: in parts of the ring. */
    private static final int LOOKS = 16;
    private static final int WAKING_PART = 4;

    private final MpscAtomicArrayQueue<SequencedEvent> ring;
    private final int[] limits = new int[SHARE_16.length];
    private final AtomicLong nextSeq = new AtomicLong();
    private final AtomicLongArray refused = new AtomicLongArray(SHARE_16.length);
    private final EventTally tally = new EventTally();
    private final LatestValues overflow = new LatestValues(1 << 20);
    private volatile Runnable wakeUp = () -> {};

    /**
     * Makes an empty buffer.
     *
     * @param slots capacity, at least 16, rounded up to a power of two
     */
    public EventBuffer(int slots) {
        if (slots < 16) {
            throw new IllegalArgumentException("kafka.ring-slots must be at least 16, not " + slots);
        }
        ring = new MpscAtomicArrayQueue<>(slots);
        for (int i = 0; i < limits.length; i++) {
            limits[i] = (int) ((long) ring.capacity() * SHARE_16[i] / 16);
        }
    }

    @Override
    public void offer(RelayEvent event) {
        Objects.requireNonNull(event);
        SequencedEvent sequenced = new SequencedEvent(nextSeq.getAndIncrement(), event);
        int priority = event.priority().ordinal();
        if (!ring.offerIfBelowThreshold(sequenced, limits[priority]) && !overflow.keep(sequenced)) {
            refused.incrementAndGet(priority);
            tally.count(event);
            tally.giveUp(event);
        }
        if (event.priority() == EventPriority.QUOTA || isFilling(sequenced.nodeSeq())) {
            wakeUp.run();
        }
    }

    private boolean isFilling(long nodeSeq) {
        return (nodeSeq & ring.capacity() / LOOKS - 1) == 0 && ring.size() > ring.capacity() / WAKING_PART;
    }

    /**
     * Sets what tells the drainer that an urgent event waits or the ring fills; it must not block.
     *
     * @param signal called on the offering thread
     */
    public void onUrgent(Runnable signal) {
        wakeUp = signal;
    }

    /**
     * Takes what is there. Confined to the publisher thread.
     *
     * @param limit most events to take from the ring
     * @return how many were taken
     */
    public int drain(Consumer<SequencedEvent> target, int limit) {
        return ring.drain(target::accept, limit) + overflow.drain(target);
    }

    /** A mark behind all that was offered so far. */
    public long mark() {
        return ring.currentProducerIndex();
    }

    /** Whether everything before a mark was taken. Confined to the publisher thread. */
    public boolean isDrainedTo(long mark) {
        return ring.currentConsumerIndex() >= mark && overflow.size() == 0;
    }

    /** Events that wait. */
    public int depth() {
        return ring.size() + overflow.size();
    }

    /** Events of a priority that were given up for good. */
    public long refused(EventPriority priority) {
        return refused.get(priority.ordinal());
    }

    /** Counts events by the hour: here what is refused, elsewhere what was drained. */
    public EventTally tally() {
        return tally;
    }

    /** Sequence number that the next event gets. */
    public long nextSeq() {
        return nextSeq.get();
    }
}
