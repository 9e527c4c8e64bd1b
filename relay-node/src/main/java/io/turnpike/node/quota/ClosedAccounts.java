package io.turnpike.node.quota;

import io.turnpike.contract.QuotaPeriod;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The accounts of one tenant that are drawn from no more: those whose final report the ledger has not acknowledged, and what
 * is remembered of the others. Guarded by the tenant.
 */
final class ClosedAccounts {
    private final List<Account> unsettled = new ArrayList<>();
    /** Settled periods by id: one for each day or month that the process lives. */
    private final Map<String, QuotaPeriod> settledPeriods = new HashMap<>();
    private long settledSpentBytes;
    private long settledRefusedBytes;

    /** Closes an account whose period is known. */
    void close(Account account) {
        account.makeFinal();
        if (account.isWorthClosing()) {
            unsettled.add(account);
        }
    }

    List<Account> unsettled() {
        return unsettled;
    }

    /**
     * Forgets an account: the ledger has taken its final report. Its period is remembered, because a grant that is read again
     * from the topic must not open the account anew (QUOTA.md rule 4).
     */
    void settled(Account account) {
        if (unsettled.remove(account)) {
            settledPeriods.put(account.period().id(), account.period());
            settledSpentBytes += account.spentBytes();
            settledRefusedBytes += account.refusedBytes();
        }
    }

    boolean isSettled(String periodId) {
        return settledPeriods.containsKey(periodId);
    }

    Stream<QuotaPeriod> periods() {
        return Stream.concat(settledPeriods.values().stream(), unsettled.stream().map(Account::period));
    }

    /** Whether the account of the period, or of a later one of its length, was closed. */
    boolean isClosedSince(QuotaPeriod period) {
        return periods().anyMatch(last -> last.isOrFollows(period));
    }

    /** Billable bytes forwarded on settled accounts. */
    long settledSpentBytes() {
        return settledSpentBytes;
    }

    /** Billable bytes refused on settled accounts. */
    long settledRefusedBytes() {
        return settledRefusedBytes;
    }
}
