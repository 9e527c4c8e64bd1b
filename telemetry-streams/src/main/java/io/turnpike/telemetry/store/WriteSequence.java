package io.turnpike.telemetry.store;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Counts the writes of rows that belong together, so that who reads several of them knows whether a write came in between,
 * and reads again. One thread writes and never waits; reading is thread-safe.
 */
public final class WriteSequence {
    /** For a reader that waits for all of a commit of a busy partition to be written: some 200 ms, thousands of rows. */
    private static final int MOST_TRIES = 400;
    private static final long PAUSE_NANOS = 500_000;

    /** Odd while rows are written. */
    private final AtomicLong turns = new AtomicLong();
    private final Runnable pause;

    /** A sequence whose readers rest a moment before they try again. */
    public WriteSequence() {
        this(() -> LockSupport.parkNanos(PAUSE_NANOS));
    }

    /** @param pause what a reader does before it tries again */
    WriteSequence(Runnable pause) {
        this.pause = pause;
    }

    /** Writes rows that belong together; on the one thread that writes, and not within another such write. */
    public void write(Runnable writing) {
        begin();
        try {
            writing.run();
        } finally {
            end();
        }
    }

    void begin() {
        turns.incrementAndGet();
    }

    void end() {
        turns.incrementAndGet();
    }

    /** Whether such rows are being written. */
    public boolean isWriting() {
        return (turns.get() & 1) != 0;
    }

    /**
     * Reads rows that belong together, again if they were written meanwhile. It gives up after a number of tries and answers
     * with what it read last: then the writer has stood still for long, or writes all the time.
     *
     * @param reading is called at least once, and changes nothing
     */
    public <T> T read(Supplier<T> reading) {
        for (int tries = 1; tries < MOST_TRIES; tries++) {
            long before = turns.get();
            if ((before & 1) == 0) {
                T read = reading.get();
                if (turns.get() == before) {
                    return read;
                }
            } else {
                pause.run();
            }
        }
        return reading.get();
    }
}
