package io.turnpike.node.quota;

import io.turnpike.contract.QuotaPeriod;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * The accounts of one tenant on this node: the one that is spent, the next period's if its grant has come early, those
 * that wait for a policy to come back to their period, and those that are closed. Guarded by the tenant.
 */
final class AccountBook {
    private final NodeContext context;
    private final Runnable lowWater;
    private final long mostSliceBytes;
    private final ClosedAccounts closed = new ClosedAccounts();
    /** Hold no credit; closing them would forbid their process to come back to their period (QUOTA.md rule 4). */
    private final List<Account> parked = new ArrayList<>();
    private Account current;
    private Account next;

    AccountBook(NodeContext context, Runnable lowWater, QuotaPolicy policy, long mostSliceBytes) {
        this.mostSliceBytes = mostSliceBytes;
        this.context = context;
        this.lowWater = lowWater;
        this.current = newAccount(policy);
    }

    Account current() {
        return current;
    }

    /** The next period's account, or null. */
    Account next() {
        return next;
    }

    ClosedAccounts closed() {
        return closed;
    }

    /** Accounts of running periods of a length that the policy does not have now. */
    List<Account> parked() {
        return parked;
    }

    /**
     * Goes on in the period of a policy. Under an enforced volume a grant names that of an account without a history;
     * where nothing is granted this node does. Another length applies at once unless credit hangs on the present one, as
     * in the ledger (QUOTA.md rule 14), and so does the earlier end of a zone further east where nothing is granted.
     */
    void follow(QuotaPolicy before, QuotaPolicy policy) {
        boolean enforces = policy.enforcesVolume();
        boolean atOnce = !before.enforcesVolume() || !enforces;
        QuotaPeriod period = localPeriod(policy);
        Optional<Account> left = parked.stream()
                .filter(account -> !account.isOver() && account.period().isOrFollows(period))
                .max(Comparator.comparing(account -> account.period().id()));
        if (atOnce && left.isPresent()) {
            resume(left.get());
        } else if (!current.isWorthClosing() || !enforces && current.period() == null) {
            name(enforces ? null : period, policy);
        } else if (!enforces && isOfAnotherLength(period)) {
            park(current);
            current = begin(policy);
        } else if (!before.countsVolume() && isCutShort(period)) {
            current.setPeriod(period, current.policyEpoch());
        }
    }

    /** Goes on in the period that this node takes for the present one: nobody else says which it is. */
    void nameCurrent(QuotaPolicy policy) {
        if (current.period() == null) {
            name(localPeriod(policy), policy);
        }
    }

    /** Every account that may have been drawn from. */
    Stream<Account> all() {
        return Stream.concat(Stream.concat(Stream.ofNullable(next), Stream.of(current)),
                Stream.concat(parked.stream(), closed.unsettled().stream()));
    }

    /**
     * One period has one account in the life of a process: none that is being settled, that waits for its period or that is
     * the next one is begun anew.
     */
    private void name(QuotaPeriod period, QuotaPolicy policy) {
        Optional<Account> left = parked.stream().filter(account -> period != null && account.isIn(period.id()))
                .findFirst();
        if (isGrantedAhead(period, policy) && current.drawnBytes() == 0) {
            current = takeNextUnder(policy);
        } else if (left.isPresent()) {
            resume(left.get());
            current.setPeriod(current.period(), policy.policyEpoch());
        } else if (period == null || !closed.isClosedSince(period) && (next == null || !next.isIn(period.id()))) {
            current.setPeriod(period, policy.policyEpoch());
        }
    }

    /** An account without a history; where this node names its period, the one that was granted ahead if there is one. */
    private Account begin(QuotaPolicy policy) {
        Account account = newAccount(policy);
        return isGrantedAhead(account.period(), policy) ? takeNextUnder(policy) : account;
    }

    private boolean isGrantedAhead(QuotaPeriod period, QuotaPolicy policy) {
        return period != null && next != null && next.isIn(period.id())
                && (hasBegun(next.period()) || !policy.enforcesVolume());
    }

    private Account takeNextUnder(QuotaPolicy policy) {
        next.setPeriod(next.period(), policy.policyEpoch());
        return takeNext();
    }

    private boolean isOfAnotherLength(QuotaPeriod period) {
        return !current.isFinal() && !closed.isClosedSince(period) && !current.period().isOfKindOf(period.id());
    }

    /** Whether the current account's day or month ends earlier; the ledger makes none longer that has accounts. */
    private boolean isCutShort(QuotaPeriod period) {
        return !current.isFinal() && current.isIn(period.id()) && period.end().isBefore(current.period().end());
    }

    private void park(Account account) {
        if (account.isWorthClosing() && account.period() != null) {
            account.giveUp(0);
            parked.add(account);
        }
    }

    /** Goes on in the period of an account that waited, while the current one waits. */
    private void resume(Account account) {
        park(current);
        parked.remove(account);
        current = account;
    }

    /** The account that a grant is for, made if the grant begins it; null if there is none and shall be none. */
    Account accountFor(QuotaGrant grant, QuotaPolicy policy) {
        Account known = find(grant.periodId());
        if (parked.contains(known)
                && (current.period() == null || known.isRaisedBy(grant) && isOfAnotherPolicy(grant, policy))) {
            resume(known);
            known.setPeriod(known.period(), grant.policyEpoch());
        }
        Instant now = context.clock().instant();
        if (known != null || grant.closed() || current.isFinal() || !grant.periodEnd().isAfter(now)
                || closed.isSettled(grant.periodId())) {
            return known;
        }
        if (grant.periodStart().isAfter(now)) {
            return early(grant, policy);
        }
        if (current.period() == null) {
            return current;
        }
        if (current.period().isOrFollows(grant.period())) {
            return goBack(policy);
        }
        if (current.grantSeq() == 0 || current.period().start().isBefore(grant.periodStart())
                || isOfAnotherPolicy(grant, policy)) {
            leaveFor(grant.periodId(), newAccount(policy), policy);
            return current;
        }
        return null;
    }

    /**
     * A period id never goes backward (QUOTA.md rule 14), but where this node was ahead of the ledger: it named the period
     * itself and nothing was granted there, or its clock, which was fast, was set right before that begins. That period is
     * the next one then; closing it would leave this process without credit when it comes.
     */
    private Account goBack(QuotaPolicy policy) {
        if (next != null || current.grantSeq() > 0 && hasBegun(current.period())) {
            return null;
        }
        next = current;
        next.credit().endGrace();
        current = newAccount(policy);
        return current;
    }

    /** A policy may come back to a day that another one left for the month around it; no policy goes back to an earlier day. */
    private void leaveFor(String periodId, Account account, QuotaPolicy policy) {
        if (current.period().isOfKindOf(periodId)) {
            replaceCurrent(account, policy);
        } else {
            park(current);
            current = account;
        }
    }

    /** A policy of another length has periods that began before the current one: the month around a day. */
    private boolean isOfAnotherPolicy(QuotaGrant grant, QuotaPolicy policy) {
        boolean followedHere = grant.policyEpoch() == policy.policyEpoch();
        return grant.policyEpoch() > current.policyEpoch()
                || followedHere && current.policyEpoch() != policy.policyEpoch();
    }

    private Account early(QuotaGrant grant, QuotaPolicy policy) {
        if (next != null && next.period().id().compareTo(grant.periodId()) > 0) {
            return null;
        }
        retire(next, policy);
        next = newAccount(policy);
        return next;
    }

    private Account find(String periodId) {
        if (current.isIn(periodId)) {
            return current;
        }
        if (next != null && next.isIn(periodId)) {
            return next;
        }
        return Stream.concat(parked.stream(), closed.unsettled().stream()).filter(account -> account.isIn(periodId))
                .findFirst().orElse(null);
    }

    /** Goes on with the next account if the current one's period is over. */
    void rollIfDue(QuotaPolicy policy) {
        retireParked(Account::isOver, policy);
        leaveUngranted(policy);
        if (!current.isOver()) {
            return;
        }
        if (next != null && next.isOver()) {
            retire(next, policy);
            next = null;
        }
        replaceCurrent(next == null || !hasBegun(next.period()) ? begin(policy) : takeNext(), policy);
    }

    /**
     * Goes on with the next account where its period has begun and nothing was granted in the present one: the ledger is not
     * in that one, or not any more. It may end later than the ledger's, if this node named it.
     */
    private void leaveUngranted(QuotaPolicy policy) {
        if (next == null || !hasBegun(next.period()) || current.grantSeq() > 0) {
            return;
        }
        if (current.period() == null && current.spentBytes() == 0) {
            current = takeNext(); // what was asked for before was of a period that is over
        } else if (current.period() != null && !current.isOver() && policy.enforcesVolume()) {
            leaveFor(next.period().id(), takeNext(), policy);
        }
    }

    private Account takeNext() {
        Account following = next;
        next = null;
        return following;
    }

    private boolean hasBegun(QuotaPeriod period) {
        return !context.clock().instant().isBefore(period.start());
    }

    /** Retires the current account, so that slices drawn from it are worth nothing any more. */
    void startAnew(QuotaPolicy policy) {
        replaceCurrent(newAccount(policy), policy);
    }

    /** Retires everything; the account that is current afterwards gives nothing. */
    void close(QuotaPolicy policy) {
        retireParked(account -> true, policy);
        retire(next, policy);
        next = null;
        Account last = current;
        current = newAccount(policy);
        current.makeFinal();
        retire(last, policy);
    }

    private void replaceCurrent(Account account, QuotaPolicy policy) {
        Account old = current;
        current = account;
        retire(old, policy);
    }

    private void retireParked(Predicate<Account> rule, QuotaPolicy policy) {
        parked.stream().filter(rule).forEach(account -> retire(account, policy));
        parked.removeIf(rule);
    }

    private void retire(Account account, QuotaPolicy policy) {
        if (account != null) {
            if (account.period() == null) {
                account.setPeriod(localPeriod(policy), policy.policyEpoch());
            }
            closed.close(account);
        }
    }

    /** Books what was forwarded without a grant. */
    void bookUnbound() {
        all().forEach(Account::bookUnbound);
    }

    /** QUOTA.md rule 17: who holds credit reports, whether or not bytes move. */
    boolean holdsCredit() {
        return current.grantSeq() > 0 && current.unspentBytes() > 0 || next != null && next.unspentBytes() > 0;
    }

    /** Billable bytes forwarded in this node epoch. */
    long spentBytes() {
        return closed.settledSpentBytes() + sum(Account::spentBytes);
    }

    /** Billable bytes refused in this node epoch. */
    long refusedBytes() {
        return closed.settledRefusedBytes() + sum(Account::refusedBytes);
    }

    private long sum(ToLongFunction<Account> figure) {
        return all().mapToLong(figure).sum();
    }

    private Account newAccount(QuotaPolicy policy) {
        return new Account(policy.enforcesVolume() ? null : localPeriod(policy), policy.policyEpoch(),
                mostSliceBytes, context, lowWater);
    }

    private QuotaPeriod localPeriod(QuotaPolicy policy) {
        Stream<QuotaPeriod> had = Stream.concat(closed.periods(),
                Stream.concat(Stream.ofNullable(current), parked.stream())
                        .flatMap(account -> Stream.ofNullable(account.period())));
        Optional<QuotaPeriod> granted = Optional.ofNullable(next).map(Account::period);
        return new LocalPeriod(policy, context.clock().instant()).beside(had, granted);
    }
}
