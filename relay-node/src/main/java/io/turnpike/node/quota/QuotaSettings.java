package io.turnpike.node.quota;

import java.time.Duration;

/**
 * Settings of the {@link QuotaTable}.
 *
 * @param defaultPolicy policy of tenants without one, {@code quota.default}
 * @param eventLoops loops that draw slices, at least 1
 * @param admissionTimeout longest wait of an Allocate for its first grant, {@code quota.admission-timeout}
 * @param reportInterval time between reports while credit is held or bytes move, {@code quota.report-interval}
 * @param idleReturn time without traffic after which all unspent credit is returned
 * @param ladder what an exhausted hard quota does to live allocations
 * @param controlTimeout silence of the ledger after which it counts as away, {@code quota.control-timeout}
 */
public record QuotaSettings(QuotaPolicy defaultPolicy, int eventLoops, Duration admissionTimeout,
        Duration reportInterval, Duration idleReturn, Ladder ladder, Duration controlTimeout) {
    private static final Duration STANDARD_CONTROL_TIMEOUT = Duration.ofSeconds(5);

    /** Refuses settings that cannot work. */
    public QuotaSettings {
        if (eventLoops < 1) {
            throw new IllegalArgumentException("event-loops must be at least 1, not " + eventLoops);
        }
        requirePositive("quota.admission-timeout", admissionTimeout);
        requirePositive("quota.report-interval", reportInterval);
        requirePositive("quota idle return", idleReturn);
        requirePositive("quota.control-timeout", controlTimeout);
    }

    /** Settings with the standard time-out of control. */
    public QuotaSettings(QuotaPolicy defaultPolicy, int eventLoops, Duration admissionTimeout, Duration reportInterval,
            Duration idleReturn, Ladder ladder) {
        this(defaultPolicy, eventLoops, admissionTimeout, reportInterval, idleReturn, ladder,
                STANDARD_CONTROL_TIMEOUT);
    }

    /** The settings of DESIGN section 8: admission 400 ms, reports each second, idle credit back after 10 s. */
    public static QuotaSettings standard(QuotaPolicy defaultPolicy, int eventLoops) {
        return new QuotaSettings(defaultPolicy, eventLoops, Duration.ofMillis(400), Duration.ofSeconds(1),
                Duration.ofSeconds(10), Ladder.STANDARD);
    }

    private static void requirePositive(String key, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw new IllegalArgumentException(key + " must be positive, not " + value);
        }
    }
}
