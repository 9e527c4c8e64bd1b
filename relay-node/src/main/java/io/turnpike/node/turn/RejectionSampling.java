package io.turnpike.node.turn;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Lets a few events of refused requests of each user through, so that a client that asks for what it cannot have fills
 * no buffer. Memory is fixed, whatever names there are. Thread-safe.
 */
public final class RejectionSampling {
    /** Events that pass for each user and second in the long run. */
    public static final int PER_SECOND = 5;
    /** Events that pass at once. */
    public static final int AT_ONCE = 20;

    private final KeyedHash hash = KeyedHash.random();
    private final HashedBuckets users = new HashedBuckets(hash, PER_SECOND, AT_ONCE);
    private final LongAdder leftOut = new LongAdder();
    private final LongSupplier nanoClock;
    private final long startNanos;

    /** @param nanoClock monotonic clock */
    public RejectionSampling(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.startNanos = nanoClock.getAsLong();
    }

    /** Whether an event of a user may be sent. */
    public boolean admit(String tenantId, String userId) {
        boolean admitted = users.take(hash.of(tenantId), hash.of(userId), nanoClock.getAsLong() - startNanos);
        if (!admitted) {
            leftOut.increment();
        }
        return admitted;
    }

    /** Events that were left out. */
    public long leftOut() {
        return leftOut.sum();
    }
}
