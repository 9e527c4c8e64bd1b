package io.turnpike.node.config;

import java.time.Duration;

/**
 * How quotas are asked and reported.
 *
 * @param defaultPolicy policy of a tenant that has none
 * @param admissionTimeout how long an Allocate waits for the first grant
 * @param reportInterval how often an active tenant is reported
 */
public record QuotaConfig(DefaultQuota defaultPolicy, Duration admissionTimeout, Duration reportInterval) {
    /** Refuses waits that clients would not survive. */
    public QuotaConfig {
        Rules.between("quota.admission-timeout", admissionTimeout, Duration.ofMillis(1), Duration.ofSeconds(30));
        Rules.between("quota.report-interval", reportInterval, Duration.ofMillis(100), Duration.ofMinutes(1));
    }
}
