package io.turnpike.telemetry.cluster;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.streams.KafkaStreams;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows up to when the copies of the stores on this instance have followed their owners. It notes the end of each
 * changelog with the time; once the copy is there it is as fresh as that time. A copy that was never seen there, or that
 * begins again, such as one that is being restored, has no such time and answers nothing. One thread looks; reading is
 * thread-safe.
 */
final class CopyProgress implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CopyProgress.class);
    private static final Duration INTERVAL = Duration.ofMillis(500);
    /** A store may have been emptied since the last look: before a copy is read, the look must be this young. */
    private static final Duration YOUNG = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofMillis(300);
    /** The mark of the last transaction, behind which no copy moves. */
    private static final long MARK_OF_TRANSACTION = 1;

    private final Supplier<Optional<KafkaStreams>> streams;
    private final Clock clock;
    private final Thread thread;
    private final Map<Copy, Followed> copies = new HashMap<>();
    private boolean wanted;
    private long lookedAtNanos;
    private boolean looked;

    /** A copy of a partition of a store. */
    record Copy(String store, int partition) {}

    /** Where the copy is, and where its changelog ends. */
    record Lag(long position, long end) {}

    /** How far a copy was, up to when it has followed, and the end that it is to reach next with its time. */
    private record Followed(long position, Optional<Instant> upTo, long nextEnd, Instant nextAt) {}

    CopyProgress(Supplier<Optional<KafkaStreams>> streams, Clock clock) {
        this.streams = streams;
        this.clock = clock;
        this.thread = new Thread(this::run, "copy-progress");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /**
     * Up to when a copy that is here has followed its owner, by a look a moment ago.
     *
     * @return empty if there is no copy, it has not caught up yet, or its place is not found out soon
     */
    Optional<Instant> followedUpTo(String store, int partition) {
        return awaitLook() ? known(store, partition) : Optional.empty();
    }

    /** The same by the last look, however old. */
    synchronized Optional<Instant> known(String store, int partition) {
        return Optional.ofNullable(copies.get(new Copy(store, partition))).flatMap(Followed::upTo);
    }

    private synchronized boolean awaitLook() {
        long end = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (!looked || System.nanoTime() - lookedAtNanos > YOUNG.toNanos()) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0) {
                    return false;
                }
                wanted = true;
                notifyAll();
                wait(left);
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void run() {
        try {
            while (true) {
                streams.get().filter(started -> started.state().isRunningOrRebalancing()).ifPresent(this::look);
                synchronized (this) {
                    if (!wanted) {
                        wait(INTERVAL.toMillis());
                    }
                    wanted = false;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look(KafkaStreams started) {
        try {
            Instant now = clock.instant();
            Map<Copy, Lag> here = new HashMap<>();
            started.allLocalStorePartitionLags()
                    .forEach((store, partitions) -> partitions
                            .forEach((partition, lag) -> here.put(new Copy(store, partition),
                                    new Lag(lag.currentOffsetPosition(), lag.endOffsetPosition()))));
            round(now, here);
        } catch (RuntimeException e) { // Kafka is away, or the stream stops: what is known gets older
            LOG.debug("lags are not known now", e);
        }
    }

    /**
     * Takes in a look.
     *
     * @param now before it
     * @param here all copies that are here
     */
    synchronized void round(Instant now, Map<Copy, Lag> here) {
        copies.keySet().retainAll(here.keySet());
        here.forEach((copy, lag) -> copies.put(copy, follow(copies.get(copy), lag, now)));
        lookedAtNanos = System.nanoTime();
        looked = true;
        notifyAll();
    }

    private static Followed follow(Followed before, Lag lag, Instant now) {
        if (isAt(lag, lag.end())) {
            return new Followed(lag.position(), Optional.of(now), lag.end(), now);
        }
        if (before == null || lag.position() < before.position()) {
            return new Followed(lag.position(), Optional.empty(), lag.end(), now);
        }
        return isAt(lag, before.nextEnd())
                ? new Followed(lag.position(), Optional.of(before.nextAt()), lag.end(), now)
                : new Followed(lag.position(), before.upTo(), before.nextEnd(), before.nextAt());
    }

    private static boolean isAt(Lag lag, long end) {
        return lag.position() >= end - MARK_OF_TRANSACTION;
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
