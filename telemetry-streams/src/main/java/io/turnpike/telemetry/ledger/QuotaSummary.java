package io.turnpike.telemetry.ledger;

import io.turnpike.contract.QuotaPeriod;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.QuotaState;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Where a tenant stands, read from the ledger's state without changing it.
 *
 * @param policyEpoch policy that holds, 0 for the default one
 * @param mode mode of that policy
 * @param state state of the quota
 * @param limitBytes volume, empty for no limit
 * @param usedBytes billable bytes forwarded, as far as reported
 * @param grantedBytes sum of the cumulative allowances
 * @param remainingBytes volume less use, not below 0
 * @param uncertainBytes granted to processes that are silent and have not settled; charged, never billed
 * @param overshootBoundBytes most bytes by which the volume can be passed, empty where nothing bounds it
 * @param arming some live node does not yet enforce the volume, so that the bound does not hold yet
 * @param period running period
 */
public record QuotaSummary(long policyEpoch, QuotaMode mode, QuotaState state, OptionalLong limitBytes, long usedBytes,
        long grantedBytes, OptionalLong remainingBytes, long uncertainBytes, OptionalLong overshootBoundBytes,
        boolean arming, QuotaPeriod period) {
    /**
     * Adds up.
     *
     * @param policy the policy that holds
     * @param known where the quota stands, if the ledger has met the tenant
     * @param sums sums of its period, if there are any
     * @param accounts accounts of its period
     */
    public static QuotaSummary of(QuotaPolicy policy, Optional<TenantQuota> known, Optional<PeriodTotals> sums,
            Collection<QuotaAccount> accounts, Instant now) {
        QuotaPeriod calendar = QuotaPeriod.at(now, policy.getPeriod(), ZoneId.of(policy.getTimeZone()));
        if (known.isEmpty() || !now.isBefore(known.get().period().end())) {
            QuotaPeriod period = known.filter(quota -> quota.next != null && quota.next.contains(now))
                    .map(quota -> quota.next).orElse(calendar);
            return of(policy, period, QuotaState.OPEN, 0, 0, 0, 0, false);
        }
        TenantQuota quota = known.get();
        boolean limited = OpenQuota.isLimited(policy);
        long uncertain = accounts.stream().filter(account -> !account.closed() && !account.isLive(now))
                .mapToLong(QuotaAccount::unspentBytes).sum();
        return of(policy, quota.period(), quota.state(), sums.map(PeriodTotals::spentBytes).orElse(0L),
                sums.map(PeriodTotals::grantBytes).orElse(0L), sums.map(PeriodTotals::chargeBytes).orElse(0L),
                uncertain, limited && isArming(quota, accounts, now));
    }

    private static QuotaSummary of(QuotaPolicy policy, QuotaPeriod period, QuotaState state, long used, long granted,
            long charged, long uncertain, boolean arming) {
        OptionalLong limit = policy.getVolumeBytes() == null
                ? OptionalLong.empty()
                : OptionalLong.of(policy.getVolumeBytes());
        OptionalLong remaining = limit.isPresent()
                ? OptionalLong.of(Math.max(0, limit.getAsLong() - used))
                : OptionalLong.empty();
        OptionalLong overshoot = OpenQuota.isLimited(policy)
                ? OptionalLong.of(Math.max(0, charged - limit.getAsLong()))
                : OptionalLong.empty();
        return new QuotaSummary(policy.getPolicyEpoch(), policy.getMode(), state, limit, used, granted, remaining,
                uncertain, overshoot, arming, period);
    }

    private static boolean isArming(TenantQuota quota, Collection<QuotaAccount> accounts, Instant now) {
        boolean justSwitchedOn = quota.limitedSince().plus(QuotaRules.ARMING).isAfter(now);
        return !quota.limited() || justSwitchedOn || accounts.stream().anyMatch(
                account -> account.isLive(now) && account.policyEpochSeen() < quota.limitedSinceEpoch());
    }
}
