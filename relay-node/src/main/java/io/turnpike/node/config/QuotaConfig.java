package io.turnpike.node.config;

import java.time.Duration;

/**
 * How quotas are asked and reported.
 *
 * @param defaultPolicy policy of a tenant that has none
 * @param admissionTimeout how long an Allocate waits for the first grant
 * @param reportInterval how often an active tenant is reported
 * @param trickleBitsPerSecond rate of an allocation out of the tail reserve of an exhausted hard quota
 * @param trickleTime how long allocations trickle; zero leaves the step out
 * @param endAfter silence after which an exhausted hard quota ends allocations
 * @param controlTimeout silence of the ledger after which it counts as away
 */
public record QuotaConfig(DefaultQuota defaultPolicy, Duration admissionTimeout, Duration reportInterval,
        int trickleBitsPerSecond, Duration trickleTime, Duration endAfter, Duration controlTimeout) {
    /** Refuses waits that clients would not survive. */
    public QuotaConfig {
        Rules.between("quota.admission-timeout", admissionTimeout, Duration.ofMillis(1), Duration.ofSeconds(30));
        Rules.between("quota.report-interval", reportInterval, Duration.ofMillis(100), Duration.ofMinutes(1));
        Rules.range("quota.trickle-bits-per-second", trickleBitsPerSecond, 8_000, 100_000_000);
        Rules.between("quota.trickle-time", trickleTime, Duration.ZERO, Duration.ofHours(1));
        Rules.between("quota.end-after", endAfter, Duration.ZERO, Duration.ofDays(1));
        Rules.between("quota.control-timeout", controlTimeout, Duration.ofSeconds(3), Duration.ofMinutes(5));
    }
}
