package io.turnpike.telemetry.ledger;

import io.turnpike.contract.QuotaAccountKey;
import io.turnpike.contract.QuotaPeriod;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.QuotaPolicy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes an empty store whole again from what the control topics say was decided (QUOTA.md rule 9). A grant record
 * carries the full state, so no charge is understated; what only reports said comes back with the next report.
 */
public final class LedgerRebuild {
    private LedgerRebuild() {}

    /**
     * Fills the stores.
     *
     * @param decided the newest control records of the task's partition
     * @param defaultPolicy policy of a tenant that has none
     */
    public static <S extends AccountStore & TenantStore & WebhookStore> void fill(S stores,
            ControlHistory.Decided decided, QuotaPolicy defaultPolicy, Instant now) {
        decided.tenants().forEach(stores::put);
        decided.policies().forEach(stores::put);
        decided.revocations().forEach(stores::put);
        decided.webhooks().forEach(stores::put);
        Map<String, PeriodTotals> totals = new HashMap<>();
        Map<QuotaScope, List<QuotaGrant>> met = new HashMap<>();
        for (QuotaGrant grant : decided.grants()) {
            QuotaScope scope = new QuotaScope(grant.getTenantId(), grant.getUserId());
            QuotaPeriod period = periodOf(grant);
            PeriodTotals sums = totals.computeIfAbsent(scope.text() + '|' + period.id(),
                    key -> new PeriodTotals(scope, period));
            stores.put(accountOf(grant, sums));
            met.computeIfAbsent(scope, key -> new ArrayList<>()).add(grant);
        }
        totals.values().forEach(stores::put);
        decided.policies()
                .forEach(policy -> met.putIfAbsent(QuotaScope.tenant(policy.getTenantId()), List.of()));
        met.forEach((scope, grants) -> {
            QuotaPolicy policy = UserPolicy.of(scope, stores.policy(scope.tenantId()).orElse(defaultPolicy));
            QuotaStanding quota = new QuotaStanding(scope, runningPeriod(grants, policy, now));
            if (OpenQuota.isLimited(policy)) {
                quota.limited = true;
                quota.limitedSinceEpoch = policy.getPolicyEpoch();
                quota.limitedSince = now;
            }
            stores.put(quota);
        });
    }

    private static QuotaAccount accountOf(QuotaGrant grant, PeriodTotals sums) {
        QuotaAccount account = new QuotaAccount(QuotaAccountKey.of(grant));
        account.restore(grant.getOpening(), grant.getEarlierBytes(), grant.getEarlierSpentBytes(), sums);
        account.adopt(grant.getGrantBytes(), grant.getGrantSeq(), sums);
        account.use(grant.getDrawnBytes(), grant.getSpentBytes(), sums);
        account.reportMonotonicNanos = grant.getAnsweredReportMonotonicNanos();
        account.issuedAt = grant.getIssuedAt();
        account.issuedState = grant.getState();
        account.closed = grant.getClosed();
        account.trickles = grant.getTrickle();
        return account;
    }

    /**
     * A period that grants were made in and that still runs goes on, even if the policy would now begin another. Of a month
     * and a day in it, it is the one in which the latest policy was followed, in which accounts are open, and which is of
     * that policy's length and anchor: who is late is answered under the latest policy in the other one too.
     */
    private static QuotaPeriod runningPeriod(List<QuotaGrant> granted, QuotaPolicy policy, Instant now) {
        return granted.stream().filter(grant -> periodOf(grant).contains(now))
                .max(Comparator.comparing(QuotaGrant::getPolicyEpoch).thenComparing(grant -> !grant.getClosed())
                        .thenComparing(grant -> periodOf(grant).isOf(policy.getPeriod(), policy.getAnchor()))
                        .thenComparing(QuotaGrant::getPeriodStart))
                .map(LedgerRebuild::periodOf).orElseGet(() -> OpenQuota.periodAt(now, policy));
    }

    private static QuotaPeriod periodOf(QuotaGrant grant) {
        return new QuotaPeriod(grant.getPeriodId(), grant.getPeriodStart(), grant.getPeriodEnd());
    }
}
