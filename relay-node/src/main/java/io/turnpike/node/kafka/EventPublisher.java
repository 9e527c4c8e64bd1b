package io.turnpike.node.kafka;

import io.turnpike.node.event.EventBuffer;
import io.turnpike.node.event.AllocationStep;
import io.turnpike.node.event.EventPriority;
import io.turnpike.node.event.LatestValues;
import io.turnpike.node.event.NodeStatusReported;
import io.turnpike.node.event.RelayEvent;
import io.turnpike.node.event.SequencedEvent;
import io.turnpike.node.kafka.InFlight.Origin;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The publisher thread: takes events out of the ring and brings each to Kafka, however long that takes. With Kafka away
 * it keeps the newest value of each live allocation and tenant in memory, and ends, finals and other steps in the spool
 * on disk; both go out in order when Kafka is back, also after a restart. Nothing is given up without being counted.
 *
 * <p>Order: while the spool holds anything, new steps go behind it. Values are cumulative, so theirs does not matter.
 */
final class EventPublisher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventPublisher.class);
    private static final int MOST_IN_FLIGHT = 16_384;
    private static final int MOST_DRAINED = 4_096;
    private static final int REPLAY_BATCH = 1_024;
    private static final int MOST_VALUES = 1 << 20;
    /**
     * How long to rest between rounds, and while the spool is read or all must be gone soon; urgent events and a ring that
     * fills end a rest. What has gathered meanwhile leaves in one request to each broker: a request costs as much as many
     * records.
     */
    private static final long REST_NANOS = 200_000_000;
    private static final long HURRIED_REST_NANOS = 5_000_000;
    private static final long STALL_NANOS = 2_000_000_000L;
    private static final long PROBE_NANOS = 1_000_000_000L;
    private static final long SYNC_NANOS = 1_000_000_000L;
    /** Sixteenths of the spool that ends and finals, and other steps, may fill. */
    private static final int FINAL_SHARE = 16;
    private static final int LIFECYCLE_SHARE = 8;

    private final EventBuffer buffer;
    private final EventAccount account;
    private final AvroMapping mapping;
    private final Spool spool;
    private final RecordSender sender;
    private final BooleanSupplier mayStart;
    private final LongSupplier nanoClock;
    private final LatestValues values = new LatestValues(MOST_VALUES);
    private final Deque<InFlight> inFlight = new ArrayDeque<>();
    /** Samples that were sent and may not have arrived: each was counted, and so each goes out again as it is. */
    private final Deque<InFlight> resends = new LinkedBlockingDeque<>();
    private final AtomicLongArray dropped = new AtomicLongArray(EventPriority.values().length);
    private final AtomicLong delivered = new AtomicLong();
    private final Thread thread = new Thread(this::run, "turnpike-publisher");
    private volatile boolean online;
    private volatile boolean closing;
    private volatile Duration closeWithin = Duration.ZERO;
    private volatile LongConsumer sendLatency = nanos -> {};
    private volatile boolean urgent;
    private SequencedEvent lastHeartbeat;
    private long restNanos;
    private boolean replayFailed;
    private int replaying;
    private long probeAtNanos;
    private long syncAtNanos;

    /**
     * Makes a publisher; {@link #start} runs it.
     *
     * @param account counts what is published
     * @param mayStart whether the topics are there
     */
    EventPublisher(EventBuffer buffer, EventAccount account, AvroMapping mapping, Spool spool, RecordSender sender,
            BooleanSupplier mayStart,
            LongSupplier nanoClock) {
        this.buffer = buffer;
        this.account = account;
        this.mapping = mapping;
        this.spool = spool;
        this.sender = sender;
        this.mayStart = mayStart;
        this.nanoClock = nanoClock;
        thread.setDaemon(true);
    }

    void start() {
        buffer.onUrgent(this::hurry);
        thread.start();
    }

    /** Remembered beside: a lock that the producer waits for would use up the permit to go on. */
    private void hurry() {
        urgent = true;
        LockSupport.unpark(thread);
    }

    /** Whether Kafka takes records. */
    boolean isOnline() {
        return online;
    }

    /** Records that Kafka has acknowledged. */
    long delivered() {
        return delivered.get();
    }

    /** Records of a priority that were given up, here or in the ring. */
    long dropped(EventPriority priority) {
        return dropped.get(priority.ordinal()) + buffer.refused(priority);
    }

    /** Events and values that wait in memory. */
    int depth() {
        return buffer.depth() + values.size() + resends.size();
    }

    long spoolBytes() {
        return spool.bytes();
    }

    /** Sets what hears how long each record took until it was acknowledged, in nanoseconds; called on the publisher thread. */
    void onAcknowledged(LongConsumer listener) {
        sendLatency = listener;
    }

    private void run() {
        while (!closing) {
            if (!guardedStep()) {
                rest();
            }
        }
        finish();
    }

    private void rest() {
        if (!urgent && !closing) {
            LockSupport.parkNanos(this, restNanos);
        }
    }

    private boolean guardedStep() {
        try {
            return step();
        } catch (RuntimeException | IOException e) {
            LOG.error("publishing failed, going on", e);
            return false;
        }
    }

    /** One round of the publisher thread; true if there is more to do at once. */
    boolean step() throws IOException {
        urgent = false;
        restNanos = REST_NANOS;
        long now = nanoClock.getAsLong();
        reap();
        watch(now);
        account.begin();
        long mark = buffer.mark();
        int drained = buffer.drain(event -> take(event, now), MOST_DRAINED);
        if (online) {
            flushValues(now);
            replay(REPLAY_BATCH, now);
        } else if (mayStart.getAsBoolean() && inFlight.isEmpty() && now - probeAtNanos >= 0) {
            probe(now);
        }
        if (now - syncAtNanos >= 0) {
            syncAtNanos = now + SYNC_NANOS;
            spool.sync();
        }
        if (buffer.isDrainedTo(mark) && values.size() == 0) {
            account.settle();
        }
        if (online && !spool.isEmpty()) {
            restNanos = HURRIED_REST_NANOS;
        }
        // More than asked for where the ring's overflow is taken too.
        return drained >= MOST_DRAINED;
    }

    private void take(SequencedEvent taken, long now) {
        boolean room = online && inFlight.size() < MOST_IN_FLIGHT;
        if (isValue(taken.event())) {
            if (taken.event() instanceof NodeStatusReported) {
                lastHeartbeat = taken;
            }
            if (room) {
                send(Origin.VALUE, taken, wire(taken), now);
            } else {
                keepValue(taken);
            }
            return;
        }
        SequencedEvent event = values.replace(taken);
        WireRecord record = wire(event);
        if (room && spool.isEmpty()) {
            send(Origin.STEP, event, record, now);
        } else {
            spool(event.event(), event.event().priority(), record);
        }
    }

    /** The record of an event, which from now on is to arrive as it is. */
    private WireRecord wire(SequencedEvent event) {
        account.count(event.event());
        return mapping.toWire(event);
    }

    private static boolean isValue(RelayEvent event) {
        return event.priority() == EventPriority.PERIODIC || event.priority() == EventPriority.QUOTA;
    }

    private void send(Origin origin, SequencedEvent event, WireRecord record, long now) {
        InFlight sent = new InFlight(origin, event, record, nanoClock, now);
        inFlight.addLast(sent);
        if (origin == Origin.SPOOL) {
            replaying++;
        }
        sender.send(record, sent);
        if (sent.isDone() && !sent.hasArrived() && !isHopeless(sent.failure())) {
            setOnline(false);
        }
    }

    private void keepValue(SequencedEvent event) {
        if (!values.keep(event)) {
            account.count(event.event());
            giveUp(event.event(), event.event().priority());
        }
    }

    private void spool(RelayEvent event, EventPriority priority, WireRecord record) {
        try {
            if (spool.append(record, priority == EventPriority.FINAL ? FINAL_SHARE : LIFECYCLE_SHARE)) {
                return;
            }
        } catch (IOException e) {
            LOG.error("cannot write to the spool in node.data-dir reason=\"{}\"", e.getMessage());
        }
        giveUp(event, priority);
    }

    private void giveUp(RelayEvent event, EventPriority priority) {
        account.giveUp(event);
        drop(priority);
    }

    private void drop(EventPriority priority) {
        if (dropped.getAndIncrement(priority.ordinal()) == 0) {
            LOG.error("telemetry records are given up kind={}", priority);
        }
    }

    /** Looks at what the producer has finished, in the order of sending. */
    private void reap() {
        while (!inFlight.isEmpty() && inFlight.peekFirst().isDone()) {
            InFlight done = inFlight.removeFirst();
            if (done.hasArrived()) {
                delivered.incrementAndGet();
                sendLatency.accept(done.tookNanos());
                setOnline(true);
            } else {
                putBack(done);
            }
            if (done.origin() == Origin.SPOOL) {
                replaying--;
                replayFailed |= !done.hasArrived() && !isHopeless(done.failure());
            }
        }
    }

    private void putBack(InFlight lost) {
        if (isHopeless(lost.failure())) {
            LOG.error("Kafka will never take this record topic={} key={} reason=\"{}\"", lost.record().topic(),
                    lost.record().key(), lost.failure().getMessage());
            if (lost.event() == null) {
                drop(EventPriority.FINAL);
            } else {
                giveUp(lost.event().event(), lost.event().event().priority());
            }
            return;
        }
        probeAtNanos = nanoClock.getAsLong() + PROBE_NANOS;
        setOnline(false);
        sender.failedWith(lost.failure());
        switch (lost.origin()) {
            case VALUE -> keepValue(lost);
            case STEP -> keepStep(lost);
            case SPOOL -> {
                // the spool still has it
            }
        }
    }

    private void keepValue(InFlight lost) {
        if (lost.event().event() instanceof AllocationStep) {
            resends.addLast(lost);
        } else {
            keepValue(lost.event());
        }
    }

    private static boolean isHopeless(Exception failure) {
        return failure instanceof RecordTooLargeException;
    }

    private void keepStep(InFlight step) {
        if (!step.isSpooled()) {
            step.setSpooled();
            spool(step.event().event(), step.event().event().priority(), step.record());
        }
    }

    /** Kafka that does not answer is away, though the producer has not given up: what must not be lost goes to disk. */
    private void watch(long now) {
        if (!inFlight.isEmpty() && now - inFlight.peekFirst().sentAtNanos() > STALL_NANOS) {
            setOnline(false);
            for (InFlight waiting : inFlight) {
                if (waiting.origin() == Origin.STEP) {
                    keepStep(waiting);
                }
            }
        }
    }

    private void setOnline(boolean now) {
        if (online != now) {
            online = now;
            if (now) {
                LOG.info("Kafka takes records waiting={} spoolBytes={}", values.size(), spool.bytes());
            } else {
                LOG.warn("Kafka takes no records, keeping them waiting={} spoolBytes={}", depth(), spool.bytes());
            }
        }
    }

    private void flushValues(long now) {
        for (int left = resends.size(); left > 0 && inFlight.size() < MOST_IN_FLIGHT; left--) {
            resend(now);
        }
        while (inFlight.size() < MOST_IN_FLIGHT) {
            SequencedEvent event = values.poll();
            if (event == null) {
                return;
            }
            send(Origin.VALUE, event, wire(event), now);
        }
    }

    private void resend(long now) {
        InFlight again = resends.removeFirst();
        send(Origin.VALUE, again.event(), again.record(), now);
    }

    private void replay(int most, long now) throws IOException {
        if (replaying > 0 || spool.isEmpty()) {
            return;
        }
        if (replayFailed) {
            replayFailed = false;
            spool.rewind();
        } else {
            spool.acknowledge();
        }
        for (int i = 0; i < most && inFlight.size() < MOST_IN_FLIGHT; i++) {
            WireRecord record = spool.read();
            if (record == null) {
                return;
            }
            send(Origin.SPOOL, null, record, now);
        }
    }

    /** Tries Kafka with one record. */
    private void probe(long now) throws IOException {
        probeAtNanos = now + PROBE_NANOS;
        SequencedEvent event = resends.isEmpty() ? values.poll() : null;
        if (!resends.isEmpty()) {
            resend(now);
        } else if (event != null) {
            send(Origin.VALUE, event, wire(event), now);
        } else if (!spool.isEmpty()) {
            replay(1, now);
        } else {
            setOnline(true); // nothing to try it with: the first event will
        }
    }

    /** The end of the publisher thread: sends what is left while time and Kafka allow, and puts the rest on disk. */
    void finish() {
        long deadline = nanoClock.getAsLong() + closeWithin.toNanos();
        do {
            guardedStep();
            LockSupport.parkNanos(this, HURRIED_REST_NANOS);
        } while (online && nanoClock.getAsLong() - deadline < 0
                && (!inFlight.isEmpty() || depth() > 0 || !spool.isEmpty()));
        buffer.drain(event -> take(event, nanoClock.getAsLong()), Integer.MAX_VALUE);
        reap();
        for (InFlight waiting : inFlight) {
            if (waiting.origin() == Origin.VALUE) {
                keepValue(waiting);
            } else if (waiting.origin() == Origin.STEP) {
                keepStep(waiting);
            }
        }
        resends.forEach(waiting -> spool(waiting.event().event(), EventPriority.FINAL, waiting.record()));
        values.drain(event -> spool(event.event(), EventPriority.FINAL, wire(event)));
        account.close();
        sayLast(deadline);
        sender.close(Duration.ofMillis(Math.max(0, (deadline - nanoClock.getAsLong()) / 1_000_000)));
        try {
            spool.close();
        } catch (IOException e) {
            LOG.error("cannot close the spool in node.data-dir", e);
        }
    }

    /** The heartbeat once more, now that all is counted: what does not arrive before the next start is known to be missing. */
    private void sayLast(long deadline) {
        if (lastHeartbeat == null) {
            return;
        }
        InFlight last = new InFlight(Origin.STEP, lastHeartbeat, mapping.toWire(lastHeartbeat), nanoClock,
                nanoClock.getAsLong());
        if (online && spool.isEmpty()) {
            sender.send(last.record(), last);
            while (!last.isDone() && nanoClock.getAsLong() - deadline < 0) {
                LockSupport.parkNanos(this, HURRIED_REST_NANOS);
            }
        }
        if (!last.isDone() || !last.hasArrived()) {
            spool(lastHeartbeat.event(), EventPriority.FINAL, last.record());
        }
    }

    /**
     * Stops the thread after everything was sent, or put on disk.
     *
     * @param within bound for the sending
     */
    void close(Duration within) {
        closeWithin = within;
        closing = true;
        LockSupport.unpark(thread);
        try {
            thread.join(within.toMillis() + 5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        close(Duration.ofSeconds(3));
    }
}
