package io.turnpike.node.quota;

import java.time.Duration;

/**
 * What an exhausted hard quota does to live allocations, step by step: they trickle, then they are silent, then they end
 * (DESIGN section 8).
 *
 * @param trickleBitsPerSecond rate of one allocation while it trickles, {@code quota.trickle-bits-per-second}
 * @param trickleTime how long a tenant's allocations trickle, {@code quota.trickle-time}; zero leaves the step out
 * @param endAfter silence after which they end, {@code quota.end-after}
 */
public record Ladder(long trickleBitsPerSecond, Duration trickleTime, Duration endAfter) {
    /** 64 kbit/s for 60 s, and the end after 10 minutes of silence. */
    public static final Ladder STANDARD = new Ladder(64_000, Duration.ofSeconds(60), Duration.ofMinutes(10));

    /** Refuses rates and times that cannot be. */
    public Ladder {
        if (trickleBitsPerSecond < 1 || trickleTime.isNegative() || endAfter.isNegative()) {
            throw new IllegalArgumentException("quota.trickle-bits-per-second must be positive, quota.trickle-time and"
                    + " quota.end-after not negative");
        }
    }
}
