package io.turnpike.telemetry.ledger;

import io.turnpike.contract.QuotaAccountKey;
import io.turnpike.contract.QuotaPeriod;
import io.turnpike.control.v1.QuotaPolicy;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What the ledger keeps. Reads give copies, so that nothing changes without a put; a put is part of the transaction of
 * the record that caused it.
 */
public interface AccountStore {
    /** The account, if there is one. */
    Optional<QuotaAccount> account(QuotaAccountKey key);

    /** Keeps the account. */
    void put(QuotaAccount account);

    /** Forgets an account; only of a period that is over for long (QUOTA.md rules 7 and 18). */
    void forget(QuotaAccountKey key);

    /** Hands each account of the scope in the period to the visitor, who must not change the store. */
    void eachAccount(QuotaScope scope, String periodId, Consumer<QuotaAccount> visitor);

    /** The sums of a period, if an account was ever made in it. */
    Optional<PeriodTotals> totals(QuotaScope scope, String periodId);

    /** Keeps the sums. */
    void put(PeriodTotals totals);

    /** Forgets the sums of a period. */
    void forgetTotals(QuotaScope scope, String periodId);

    /** Every period of the scope that has sums. */
    List<QuotaPeriod> periods(QuotaScope scope);

    /** Where the scope's quota stands, if the ledger has met it. */
    Optional<QuotaStanding> quota(QuotaScope scope);

    /** Keeps where the quota stands. */
    void put(QuotaStanding quota);

    /** Forgets where a user's quota stood; only long after the last of its periods. */
    void forgetQuota(QuotaScope scope);

    /** Hands each scope that has a quota to the visitor. */
    void eachScope(Consumer<QuotaScope> visitor);

    /** The tenant's own policy, if it has one. */
    Optional<QuotaPolicy> policy(String tenantId);
}
