package io.turnpike.telemetry.ledger;

import io.turnpike.contract.QuotaPeriod;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.QuotaState;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Where a quota stands, read from the ledger's state without changing it.
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
 * @param feedbackOvershootBytes under SOFT, what may pass the volume before nodes hear that it is used: their rate times
 *        the latency of the feedback. Allocations that live then go on beyond it. Empty in other modes
 * @param controlLoss what happens while the ledger is away, which the bound takes into account
 * @param arming some live node does not yet enforce the volume, so that the bound does not hold yet
 * @param period running period
 */
public record QuotaSummary(long policyEpoch, QuotaMode mode, QuotaState state, OptionalLong limitBytes, long usedBytes,
        long grantedBytes, OptionalLong remainingBytes, long uncertainBytes, OptionalLong overshootBoundBytes,
        OptionalLong feedbackOvershootBytes, ControlLoss controlLoss, boolean arming, QuotaPeriod period) {
    /**
     * Adds up.
     *
     * @param policy the policy that holds
     * @param known where the quota stands, if the ledger has met the tenant
     * @param sums sums of its period, if there are any
     * @param accounts accounts of its period
     */
    public static QuotaSummary of(QuotaPolicy policy, Optional<QuotaStanding> known, Optional<PeriodTotals> sums,
            Collection<QuotaAccount> accounts, Instant now) {
        QuotaPeriod calendar = OpenQuota.periodAt(now, policy);
        if (known.isEmpty() || !now.isBefore(known.get().period().end())) {
            QuotaPeriod period = known.filter(quota -> quota.next != null && quota.next.contains(now))
                    .map(quota -> quota.next).orElse(calendar);
            return of(policy, period, QuotaState.OPEN, Sums.NONE, ControlLoss.of(policy, List.of(), now), false);
        }
        QuotaStanding quota = known.get();
        long uncertain = accounts.stream().filter(account -> !account.closed() && !account.isLive(now))
                .mapToLong(QuotaAccount::unspentBytes).sum();
        long rate = accounts.stream().filter(account -> account.isLive(now))
                .mapToLong(account -> Math.min(account.rateBytesPerSecond, QuotaRules.MOST_BYTES_OF_ACCOUNT)).sum();
        return of(policy, quota.period(), quota.state(),
                new Sums(sums.map(PeriodTotals::spentBytes).orElse(0L), sums.map(PeriodTotals::grantBytes).orElse(0L),
                        sums.map(PeriodTotals::chargeBytes).orElse(0L), uncertain, rate),
                ControlLoss.of(policy, accounts, now),
                OpenQuota.isLimited(policy) && isArming(quota, accounts, now));
    }

    private record Sums(long used, long granted, long charged, long uncertain, long bytesPerSecond) {
        private static final Sums NONE = new Sums(0, 0, 0, 0, 0);
    }

    private static QuotaSummary of(QuotaPolicy policy, QuotaPeriod period, QuotaState state, Sums sums,
            ControlLoss controlLoss, boolean arming) {
        OptionalLong limit = policy.getVolumeBytes() == null
                ? OptionalLong.empty()
                : OptionalLong.of(policy.getVolumeBytes());
        OptionalLong remaining = limit.isPresent()
                ? OptionalLong.of(Math.max(0, limit.getAsLong() - sums.used))
                : OptionalLong.empty();
        OptionalLong overshoot = OpenQuota.isLimited(policy)
                ? controlLoss.bound(Math.max(0, sums.charged - limit.getAsLong()))
                : OptionalLong.empty();
        OptionalLong feedback = limit.isPresent() && policy.getMode() == QuotaMode.SOFT
                ? OptionalLong.of(sums.bytesPerSecond * QuotaRules.FEEDBACK.toSeconds())
                : OptionalLong.empty();
        return new QuotaSummary(policy.getPolicyEpoch(), policy.getMode(), state, limit, sums.used, sums.granted,
                remaining, sums.uncertain, overshoot, feedback, controlLoss, arming, period);
    }

    private static boolean isArming(QuotaStanding quota, Collection<QuotaAccount> accounts, Instant now) {
        boolean justSwitchedOn = quota.limitedSince().plus(QuotaRules.ARMING).isAfter(now);
        return !quota.limited() || justSwitchedOn || accounts.stream().anyMatch(
                account -> account.isLive(now) && account.policyEpochSeen() < quota.limitedSinceEpoch());
    }
}
