package io.turnpike.telemetry.ledger;

import io.turnpike.contract.QuotaAccountKey;
import io.turnpike.contract.QuotaPeriod;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.QuotaState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Moves a tenant from one period to the next, by the ledger's clock alone and never backward (QUOTA.md rule 14). A
 * changed time zone or length takes effect here, so that credit of the running period keeps its meaning.
 */
final class PeriodRoll {
    private static final Duration SHORTEST_MEMORY = Duration.ofDays(2);

    private PeriodRoll() {}

    /** Rolls if the running period is over. */
    static void rollIfDue(Turn turn, AccountStore store) {
        OpenQuota open = turn.open;
        QuotaStanding quota = open.quota;
        if (turn.now.isBefore(quota.period.end())) {
            return;
        }
        QuotaPeriod next = quota.next != null && turn.now.isBefore(quota.next.end())
                ? quota.next
                : notBefore(quota.period.end(), open.periodAt(turn.now));
        turn.quotaChanged = true;
        quota.next = null;
        if (isSameOrEarlier(next, quota.period)) {
            quota.period = new QuotaPeriod(quota.period.id(), quota.period.start(), next.end());
            open.totals.extendTo(next.end());
            store.put(open.totals);
            return;
        }
        moveTo(turn, next, "period " + quota.period.id() + " is over");
        forgetOldPeriods(turn, store);
    }

    /** Moves to another period. What the accounts of the old one still report is booked there. */
    static void moveTo(Turn turn, QuotaPeriod next, String reason) {
        QuotaStanding quota = turn.open.quota;
        turn.audit(AuditKind.PERIOD_ROLLED, quota.state, QuotaState.OPEN, reason + "; " + next.id() + " begins");
        quota.period = next;
        quota.next = null;
        quota.state = QuotaState.OPEN;
        quota.warnedPercent = 0;
        turn.quotaChanged = true;
        turn.open.openPeriod();
    }

    /** The period that follows the running one under the present policy. */
    static QuotaPeriod after(OpenQuota open) {
        QuotaPeriod next = open.periodAt(open.quota.period.end());
        return isSameOrEarlier(next, open.quota.period)
                ? new QuotaPeriod(open.quota.period.id(), open.quota.period.start(), next.end())
                : notBefore(open.quota.period.end(), next);
    }

    /** Where the policy's zone or anchor has changed, the calendar's next period may have begun within the running one. */
    private static QuotaPeriod notBefore(Instant start, QuotaPeriod period) {
        return period.start().isBefore(start) ? new QuotaPeriod(period.id(), start, period.end()) : period;
    }

    private static boolean isSameOrEarlier(QuotaPeriod next, QuotaPeriod running) {
        return next.isOfKindOf(running.id()) && next.id().compareTo(running.id()) <= 0;
    }

    private static void forgetOldPeriods(Turn turn, AccountStore store) {
        for (QuotaPeriod old : store.periods(turn.tenantId())) {
            if (isForgettable(old, turn.now) && !old.id().equals(turn.open.quota.period.id())) {
                List<QuotaAccountKey> keys = new ArrayList<>();
                store.eachAccount(turn.tenantId(), old.id(), account -> keys.add(account.key()));
                keys.forEach(store::forget);
                store.forgetTotals(turn.tenantId(), old.id());
            }
        }
    }

    private static boolean isForgettable(QuotaPeriod old, Instant now) {
        Duration length = Duration.between(old.start(), old.end());
        return old.end().plus(length.compareTo(SHORTEST_MEMORY) > 0 ? length : SHORTEST_MEMORY).isBefore(now);
    }
}
