package io.turnpike.telemetry.query;

import io.turnpike.control.v1.OnControlLoss;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaState;
import java.time.Instant;
import java.util.OptionalLong;

/**
 * Where a tenant, or one of its users, stands in the running period, by the ledger.
 *
 * @param policyEpoch policy that the ledger follows, 0 for the default one
 * @param mode mode of that policy
 * @param state state of the quota; OPEN where nothing limits it
 * @param limitBytes volume of the policy, empty for no limit
 * @param usedBytes billable bytes that nodes reported as spent
 * @param grantedBytes sum of the cumulative allowances of all accounts (G)
 * @param remainingBytes what may still be used: limit less used, not below 0; empty for no limit
 * @param uncertainBytes charged to accounts of dead epochs and not settled yet; never billed
 * @param overshootBoundBytes most bytes by which the limit can be passed; 0 under HARD with STOP, empty where nothing
 *        bounds it
 * @param feedbackOvershootBytes under SOFT, what may pass the limit before nodes hear that it is used, beside what live
 *        allocations go on to relay; empty in other modes
 * @param controlLoss what happens while the ledger is away
 * @param arming a change to HARD is not yet acknowledged by every live node, so that the bound does not hold yet
 * @param periodId such as {@code 2026-11}
 * @param periodStart first instant
 * @param periodEnd first instant after it
 */
public record QuotaStatus(long policyEpoch, QuotaMode mode, QuotaState state, OptionalLong limitBytes, long usedBytes,
        long grantedBytes, OptionalLong remainingBytes, long uncertainBytes, OptionalLong overshootBoundBytes,
        OptionalLong feedbackOvershootBytes, ControlLoss controlLoss, boolean arming, String periodId,
        Instant periodStart, Instant periodEnd) {
    /**
     * What happens while the ledger is away.
     *
     * @param policy what nodes do when their credit is spent
     * @param nodes nodes that served the tenant in the period, which the bound counts under SAFE_RATE
     * @param graceBytesPerNode what each of them may forward beyond its grants in the period, and each node that serves the
     *        tenant for the first time while control is lost adds to the bound; 0 but under SAFE_RATE
     * @param survivesSeconds how long the first of the live nodes has credit at its rate; empty if none spends
     * @param ungrantedBytes what nodes forwarded beyond their grants in the period, as far as reported
     */
    public record ControlLoss(OnControlLoss policy, int nodes, long graceBytesPerNode, OptionalLong survivesSeconds,
            long ungrantedBytes) {}
}
