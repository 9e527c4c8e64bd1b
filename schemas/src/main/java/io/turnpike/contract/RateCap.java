package io.turnpike.contract;

/** The rates that a quota policy may cap at. */
public final class RateCap {
    /** Less carries not even a voice, and a bucket of it would hold no datagram: 8 kbit/s. */
    public static final long LEAST_BITS_PER_SECOND = 8_000;
    /** Sums of it cannot overflow: a petabit per second. */
    public static final long MOST_BITS_PER_SECOND = 1_000_000_000_000_000L;
    /** The bounds, for people. */
    public static final String RULE = "must be from " + LEAST_BITS_PER_SECOND + " to " + MOST_BITS_PER_SECOND;

    private RateCap() {}

    /** Whether a policy may cap at this rate. */
    public static boolean isRate(long bitsPerSecond) {
        return bitsPerSecond >= LEAST_BITS_PER_SECOND && bitsPerSecond <= MOST_BITS_PER_SECOND;
    }
}
