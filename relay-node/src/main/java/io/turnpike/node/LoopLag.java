package io.turnpike.node;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * How late an event loop's tick runs: what waits behind a long task waits that long. The loop writes; a scrape reads the
 * largest delay since the scrape before.
 */
final class LoopLag implements Runnable {
    private static final double NANOS_PER_SECOND = 1e9;

    private final LongSupplier nanoClock;
    private final long periodNanos;
    private final AtomicLong worstNanos = new AtomicLong();
    private long lastNanos;

    LoopLag(LongSupplier nanoClock, long periodNanos) {
        this.nanoClock = nanoClock;
        this.periodNanos = periodNanos;
        this.lastNanos = nanoClock.getAsLong();
    }

    /** Called by the loop at each tick. */
    @Override
    public void run() {
        long now = nanoClock.getAsLong();
        long late = now - lastNanos - periodNanos;
        lastNanos = now;
        worstNanos.accumulateAndGet(late, Math::max);
    }

    /** The largest delay since the last call, in seconds. */
    double takeWorstSeconds() {
        return worstNanos.getAndSet(0) / NANOS_PER_SECOND;
    }
}
