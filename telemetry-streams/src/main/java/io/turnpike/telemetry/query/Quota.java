package io.turnpike.telemetry.query;

import io.turnpike.control.v1.OnControlLoss;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPeriodKind;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A tenant's quota policy.
 *
 * @param policyEpoch grows with each write; the ETag. 0 for the cluster's default policy, which a tenant without its own
 *        follows
 * @param mode how it is enforced
 * @param period length of the period
 * @param timeZone IANA time zone in which periods begin
 * @param anchor day of a MONTH, 1 to 28, or hour of a DAY, 0 to 23, at which periods begin; 0 for the calendar's
 * @param volumeBytes billable bytes per period, empty for no limit
 * @param userVolumeBytes billable bytes of each user per period, empty for no limit
 * @param rateBitsPerSecond cap over the cluster, empty for none
 * @param userRateBitsPerSecond cap of each user on each node, empty for none
 * @param allocationRateBitsPerSecond cap of each allocation, empty for none
 * @param maxAllocations concurrent allocations over the cluster, empty for no limit
 * @param maxAllocationsPerUser concurrent allocations of one user, empty for no limit
 * @param onControlLoss what a node does when grants run out and control is away
 * @param safeRateBitsPerSecond under SAFE_RATE, what one node forwards beyond its grants while control is lost
 * @param graceBytes under SAFE_RATE, most bytes that one node forwards beyond its grants in a period
 * @param warnPercents percents of the volume at which the tenant is warned, ascending
 * @param tailPercent percent of the volume that is kept for the trickle of live allocations, 0 for none
 * @param updatedAt when it was written, empty for the default policy
 */
public record Quota(long policyEpoch, QuotaMode mode, QuotaPeriodKind period, String timeZone, int anchor,
        OptionalLong volumeBytes, OptionalLong userVolumeBytes, OptionalLong rateBitsPerSecond,
        OptionalLong userRateBitsPerSecond, OptionalLong allocationRateBitsPerSecond,
        OptionalInt maxAllocations, OptionalInt maxAllocationsPerUser,
        OnControlLoss onControlLoss, long safeRateBitsPerSecond, long graceBytes, List<Integer> warnPercents,
        int tailPercent, Optional<Instant> updatedAt) {
    /** Keeps a copy. */
    public Quota {
        warnPercents = List.copyOf(warnPercents);
    }

    /** Where periods begin, empty where it is the calendar's. */
    public OptionalInt ownAnchor() {
        return ownAnchor(period, anchor);
    }

    static OptionalInt ownAnchor(QuotaPeriodKind period, int anchor) {
        boolean calendar = anchor == 0 || anchor == 1 && period == QuotaPeriodKind.MONTH;
        return calendar ? OptionalInt.empty() : OptionalInt.of(anchor);
    }

    /** Whether bytes are limited, of the tenant or of each user. */
    public boolean hasVolume() {
        return volumeBytes.isPresent() || userVolumeBytes.isPresent();
    }

    /** Whether rates or concurrent allocations are capped. */
    public boolean hasCap() {
        return rateBitsPerSecond.isPresent() || userRateBitsPerSecond.isPresent()
                || allocationRateBitsPerSecond.isPresent() || maxAllocations.isPresent()
                || maxAllocationsPerUser.isPresent();
    }

    /** Whether such caps are in force. A mode that only a newer program knows counts as HARD, as on the nodes. */
    public boolean enforcesCaps() {
        return switch (mode) {
            case HARD, UNKNOWN -> true;
            case OFF, SHADOW, SOFT -> false;
        };
    }

    /** Whether this is the cluster's default rather than a policy of the tenant. */
    public boolean isDefault() {
        return policyEpoch == 0;
    }
}
