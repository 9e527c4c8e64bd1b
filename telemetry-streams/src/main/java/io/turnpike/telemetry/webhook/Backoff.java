package io.turnpike.telemetry.webhook;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * How long to wait after failures: twice as long after each, up to a bound, of which the last half is drawn, so that
 * endpoints that failed together are not tried together.
 *
 * @param first wait after the first failure, at most
 * @param longest longest wait
 * @param random numbers from 0 up to 1
 */
record Backoff(Duration first, Duration longest, DoubleSupplier random) {
    private static final int MOST_DOUBLINGS = 30;

    /** The wait after so many failures in a row, at least 1. */
    Duration after(long failures) {
        long doublings = Math.min(MOST_DOUBLINGS, Math.max(0, failures - 1));
        double millis = Math.min(longest.toMillis(), first.toMillis() * Math.pow(2, doublings));
        return Duration.ofMillis((long) (millis / 2 + millis / 2 * random.getAsDouble()));
    }
}
