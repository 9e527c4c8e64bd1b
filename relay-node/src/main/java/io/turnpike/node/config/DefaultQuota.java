package io.turnpike.node.config;

import java.time.ZoneId;
import java.util.OptionalLong;

/**
 * The policy of a tenant that has none.
 *
 * @param timeZone in which periods begin
 * @param volumeBytes billable bytes per period; empty for no limit
 */
public record DefaultQuota(QuotaMode mode, QuotaPeriodKind period, ZoneId timeZone, OptionalLong volumeBytes,
        OnControlLoss onControlLoss) {
    /** Refuses negative volumes. */
    public DefaultQuota {
        Rules.require(volumeBytes.orElse(0) >= 0, "quota.default.volume-bytes", "must not be negative");
    }
}
