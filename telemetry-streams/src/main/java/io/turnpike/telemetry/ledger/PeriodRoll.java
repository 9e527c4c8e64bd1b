package io.turnpike.telemetry.ledger;

import io.turnpike.contract.QuotaAccountKey;
import io.turnpike.contract.QuotaPeriod;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.QuotaState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Says which period a quota is in, and moves it from one to the next, by the ledger's clock alone and never backward
 * (QUOTA.md rule 14). A changed time zone, length or anchor takes effect here, so that credit of the running period keeps
 * its meaning.
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
                : following(open, turn.now);
        moveTo(turn, next, "period " + quota.period.id() + " is over");
        forgetOldPeriods(turn, store);
    }

    /** Moves at once where another policy was taken up that allows it. */
    static void follow(Turn turn, QuotaPolicy before) {
        if (mayMovePeriodNow(turn.open, before, turn.open.policy)) {
            moveAtOnce(turn);
        }
    }

    /**
     * An enforced period keeps its end; a changed zone, length or anchor applies at its roll. A length or an anchor that
     * still waits for the roll applies as soon as nothing is enforced.
     */
    private static boolean mayMovePeriodNow(OpenQuota open, QuotaPolicy before, QuotaPolicy policy) {
        boolean waits = !open.quota.limited && !isOf(policy, open.quota.period);
        return !waits && policy.getPeriod() == before.getPeriod() && policy.getAnchor() == before.getAnchor()
                ? !OpenQuota.isCounted(before) && !Objects.equals(policy.getTimeZone(), before.getTimeZone())
                : !open.quota.limited || !open.limited();
    }

    /** Moves a user who was out of memory when the policy's period changed at once. */
    static void catchUp(Turn turn) {
        if (!isOf(turn.open.policy, turn.open.quota.period)) {
            moveAtOnce(turn);
        }
    }

    private static boolean isOf(QuotaPolicy policy, QuotaPeriod period) {
        return period.isOf(policy.getPeriod(), policy.getAnchor());
    }

    /** Moves to the policy's own period, or to what comes of it where nodes have ended that one. */
    private static void moveAtOnce(Turn turn) {
        QuotaPeriod period = dueAt(turn.open, turn.now);
        if (!period.equals(turn.open.quota.period)) {
            moveTo(turn, period, "the policy's period changed");
        }
    }

    /** Moves to another period. What the accounts of the old one still report is booked there. */
    private static void moveTo(Turn turn, QuotaPeriod next, String reason) {
        QuotaStanding quota = turn.open.quota;
        turn.audit(AuditKind.PERIOD_ROLLED, quota.state, QuotaState.OPEN, reason + "; " + next.id() + " begins");
        quota.period = next;
        quota.next = null;
        quota.state = QuotaState.OPEN;
        quota.warnedPercent = 0;
        turn.quotaChanged = true;
        List<QuotaAccount> heard = List.copyOf(turn.open.accounts.values());
        turn.open.openPeriod();
        heard.forEach(old -> takeOver(turn, old));
    }

    /** Who has lately reported about the old period is as live, and has followed the same policy, in the new one. */
    private static void takeOver(Turn turn, QuotaAccount old) {
        QuotaAccount account = turn.open.accounts.get(old.key().in(turn.open.quota.period.id()));
        if (account != null && account.reportedAt.isBefore(old.reportedAt)) {
            account.sawReportOf(old);
            turn.touch(account);
        }
    }

    /** The period that follows the running one under the present policy. */
    static QuotaPeriod after(OpenQuota open) {
        return following(open, open.quota.period.end());
    }

    /** The period at an instant after the running one, which it does not overlap. */
    private static QuotaPeriod following(OpenQuota open, Instant at) {
        QuotaPeriod next = dueAt(open, at);
        Instant end = open.quota.period.end();
        return next.start().isBefore(end) ? new QuotaPeriod(next.id(), end, next.end()) : next;
    }

    /**
     * The policy's period at an instant, but none before the newest of its length, also where the quota left that one for
     * another length: nodes have ended their accounts there. In a zone further west the old day or month may not be over
     * by then. The newer one goes on as long as it lasts, and then the next one begins early; a process that has an account
     * may end it before it hears that it should last longer.
     */
    private static QuotaPeriod dueAt(OpenQuota open, Instant at) {
        QuotaPeriod own = open.periodAt(at);
        QuotaPeriod newest = open.newestLike(own, at).filter(last -> last.isOrFollows(own)).orElse(null);
        if (newest == null) {
            return own;
        }
        if (at.isBefore(newest.end())) {
            boolean isLonger = own.end().isAfter(newest.end()) && open.hasAccountsOf(newest);
            return own.id().equals(newest.id()) && !isLonger ? own : newest;
        }
        return newest.followedBy(at, open::periodAt);
    }

    private static void forgetOldPeriods(Turn turn, AccountStore store) {
        for (QuotaPeriod old : store.periods(turn.scope())) {
            if (isForgettable(old, turn.now) && !old.id().equals(turn.open.quota.period.id())) {
                forget(turn.scope(), old, store);
            }
        }
    }

    /**
     * Forgets a user who was not heard of for as long as the last of his periods is remembered.
     *
     * @return false if it is too early
     */
    static boolean forgetIfAbsent(QuotaStanding user, AccountStore store, Instant now) {
        if (!isForgettable(user.period, now)) {
            return false;
        }
        List<QuotaPeriod> periods = store.periods(user.scope());
        boolean absent = periods.stream().allMatch(period -> isForgettable(period, now));
        if (absent) {
            periods.forEach(period -> forget(user.scope(), period, store));
            store.forgetQuota(user.scope());
        }
        return absent;
    }

    private static void forget(QuotaScope scope, QuotaPeriod old, AccountStore store) {
        List<QuotaAccountKey> keys = new ArrayList<>();
        store.eachAccount(scope, old.id(), account -> keys.add(account.key()));
        keys.forEach(store::forget);
        store.forgetTotals(scope, old.id());
    }

    /** Whether the accounts of a period may be gone by now. */
    static boolean isForgettable(QuotaPeriod old, Instant now) {
        Duration length = Duration.between(old.start(), old.end());
        return old.end().plus(length.compareTo(SHORTEST_MEMORY) > 0 ? length : SHORTEST_MEMORY).isBefore(now);
    }
}
