package io.turnpike.contract;

/** How a node goes on under SAFE_RATE while control is lost, bounded the same wherever it is written. */
public final class SafeRate {
    /** Bits per second of a tenant on one node, where a policy names none. */
    public static final long DEFAULT_BITS_PER_SECOND = 1_000_000;
    /** The slowest rate: one call's audio. */
    public static final long LEAST_BITS_PER_SECOND = 8_000;
    /** The fastest rate. */
    public static final long MOST_BITS_PER_SECOND = 1_000_000_000_000L;
    /** Bytes beyond grants that one node may forward of a tenant in a period, where a policy names none. */
    public static final long DEFAULT_GRACE_BYTES = 64L * 1024 * 1024;
    /** The largest grace. */
    public static final long MOST_GRACE_BYTES = 1L << 50;

    private SafeRate() {}
}
