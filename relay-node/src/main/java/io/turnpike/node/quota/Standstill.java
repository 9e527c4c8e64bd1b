package io.turnpike.node.quota;

import java.time.Duration;

/**
 * Finds out that this process did not run for a while: it was stopped, or its machine was suspended. A suspended machine's
 * monotonic clock may stand still with it, so the wall clock is asked as well; that somebody has set it forward looks the
 * same, and to ask once more than necessary harms nobody. Confined to the report thread.
 */
final class Standstill {
    private static final Duration TOLERANCE = Duration.ofSeconds(2);
    private static final long NANOS_PER_MILLI = 1_000_000L;

    private final long longestPauseNanos;
    private long lastNanos;
    private long lastWallMillis;

    /** @param pause longest time between two calls of {@link #isOver} while the process runs */
    Standstill(Duration pause, long nowNanos, long wallMillis) {
        longestPauseNanos = pause.plus(TOLERANCE).toNanos();
        lastNanos = nowNanos;
        lastWallMillis = wallMillis;
    }

    /** Whether the process stood still since the last call. */
    boolean isOver(long nowNanos, long wallMillis) {
        long ran = nowNanos - lastNanos;
        long passed = (wallMillis - lastWallMillis) * NANOS_PER_MILLI;
        lastNanos = nowNanos;
        lastWallMillis = wallMillis;
        return ran > longestPauseNanos || passed - ran > TOLERANCE.toNanos();
    }
}
