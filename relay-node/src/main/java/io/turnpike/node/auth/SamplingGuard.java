package io.turnpike.node.auth;

import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Lets at most a fixed number of events per tenant and second through, so that a password guesser cannot flood the
 * telemetry, and says how many were left out. Ask it only for tenants that exist: they bound its memory. Thread-safe.
 */
public final class SamplingGuard {
    /** Events that pass for each tenant and second. */
    public static final int PER_SECOND = 10;

    private static final long SECOND_NANOS = 1_000_000_000L;

    private final Map<String, Window> windows = new ConcurrentHashMap<>();

    /**
     * Whether an event may be sent.
     *
     * @param tenantId a tenant that exists
     * @param nowNanos monotonic time
     * @return empty to leave the event out; else how many were left out since the last one that passed
     */
    public OptionalLong admit(String tenantId, long nowNanos) {
        return windows.computeIfAbsent(tenantId, id -> new Window(nowNanos)).admit(nowNanos);
    }

    private static final class Window {
        private long startNanos;
        private int passed;
        private long leftOut;

        private Window(long startNanos) {
            this.startNanos = startNanos;
        }

        private synchronized OptionalLong admit(long nowNanos) {
            if (nowNanos - startNanos >= SECOND_NANOS) {
                startNanos = nowNanos;
                passed = 0;
            }
            if (passed == PER_SECOND) {
                leftOut++;
                return OptionalLong.empty();
            }
            passed++;
            long count = leftOut;
            leftOut = 0;
            return OptionalLong.of(count);
        }
    }
}
