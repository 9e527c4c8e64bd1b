package io.turnpike.node.quota;

import io.turnpike.node.quota.UsageReports.Wish;
import io.turnpike.node.quota.Waiter.Verdict;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * One tenant's quota on this node: its policy, its accounts, and who may allocate. Event loops read the
 * {@link Standing}; everything else is guarded by this object. Reports are offered under the same guard, so that their
 * sequence numbers are in the order of what they say.
 */
final class ScopedQuota {
    /** Less credit than one datagram of this size admits nobody. */
    private static final long LEAST_CREDIT_BYTES = 1500;

    /**
     * What event loops follow.
     *
     * @param account what is debited
     * @param bound whether a debit needs credit
     * @param trickle how fast credit of the tail reserve may be spent; null while the credit is ordinary
     */
    record Standing(Account account, boolean bound, Trickle trickle) {}

    private final NodeContext context;
    private final Refill refill = new Refill();
    private final SpendingRate rate;
    private final Lanes lanes;
    private final Admissions admissions;
    private final AccountBook book;
    private final Descent descent;
    private final UsageReports reports;
    private final ControlLease lease = new ControlLease();
    private volatile Standing standing;
    private volatile boolean asked;
    private volatile boolean closed;

    private QuotaPolicy policy;
    private boolean policyKnown;
    private long followedPolicyEpoch;
    private Heard heard = Heard.NOTHING;
    private boolean mustReport;

    ScopedQuota(String tenantId, NodeContext context) {
        this.context = context;
        this.policy = context.settings().defaultPolicy();
        this.lanes = new Lanes(context.settings().eventLoops());
        this.rate = new SpendingRate(context.nanos());
        this.descent = new Descent(context.settings().ladder());
        this.book = new AccountBook(context, this::lowWater, policy);
        this.admissions = new Admissions(this, context);
        this.reports = new UsageReports(tenantId, context, book, admissions);
        this.standing = new Standing(book.current(), policy.enforcesVolume(), null);
    }

    Standing standing() {
        return standing;
    }

    /** Called on the asking event loop. */
    void admit(String userId, int loopIndex, Executor loop, Consumer<Admission> answer) {
        Waiter waiter;
        Verdict verdict;
        synchronized (this) {
            Lane lane = lanes.lane(loopIndex, loop, this, context);
            waiter = new Waiter(this, userId, lane, answer, context.nanos());
            verdict = admissions.arrive(waiter);
        }
        if (verdict == Verdict.WAIT) {
            context.urgent().accept(this);
        } else {
            waiter.answerHere(verdict);
        }
    }

    /** What a request for an allocation is answered now; guarded by this. */
    Verdict verdict() {
        if (!policyKnown && context.mayLearnPolicies()) {
            return Verdict.WAIT;
        }
        if (!policy.enforcesVolume()) {
            return refusesNewcomers() ? Verdict.EXHAUSTED : Verdict.ADMIT;
        }
        if (context.fenced().get()) {
            return Verdict.FENCED;
        }
        Account account = standing.account();
        boolean credit = account.availableBytes() >= leastCreditBytes() && !isForLiveAllocations();
        return credit && !account.isOver() ? Verdict.ADMIT : Verdict.WAIT;
    }

    /** Whether what is left of an exhausted quota is not for newcomers. */
    private boolean isForLiveAllocations() {
        return standing.trickle() != null || hasRunOut();
    }

    /** What a request is answered that may wait no longer. */
    Verdict verdictWithoutAnswer() {
        if (!policyKnown && !policy.enforcesVolume()) {
            return refusesNewcomers() ? Verdict.EXHAUSTED : Verdict.ADMIT;
        }
        return Verdict.NO_GRANT;
    }

    boolean isPolicyKnown() {
        return policyKnown;
    }

    /** Feedback: nothing is asked and nothing waits, what the ledger said last under this policy holds. */
    private boolean refusesNewcomers() {
        return policy.refusesByState() && (hasRunOut() || policy.volumeBytes().getAsLong() == 0);
    }

    private boolean hasRunOut() {
        return heard.isExhausted(policy, context.clock().instant());
    }

    /** Takes what a grant of the running period, to whatever process, says of the whole quota; in the ledger's order. */
    synchronized void hear(QuotaGrant grant) {
        if (grant.policyEpoch() >= policy.policyEpoch()) {
            heard = Heard.in(grant);
            if (!grant.exhausted()) {
                descent.begunAnew();
                stand();
            }
        }
    }

    private long leastCreditBytes() {
        return Math.max(1, Math.min(LEAST_CREDIT_BYTES, policy.volumeBytes().orElse(LEAST_CREDIT_BYTES)));
    }

    /** Answers those whose wait is over. */
    synchronized void settleWaiters() {
        admissions.settle();
    }

    /** When the first of those who wait must be answered; {@link Long#MAX_VALUE} from now if nobody waits. */
    synchronized long nanosToDeadline(long nowNanos) {
        return admissions.nanosToDeadline(nowNanos);
    }

    synchronized void allocationEnded(String userId) {
        admissions.ended(userId);
    }

    /** Follows a policy. Its epoch is reported as seen only when every event loop follows it (QUOTA.md rule 12). */
    synchronized void follow(QuotaPolicy newPolicy, boolean known) {
        book.bookUnbound();
        book.follow(policy, newPolicy);
        policy = newPolicy;
        policyKnown = known;
        admissions.begunAnew();
        descent.begunAnew();
        voidSlicesIfFenced();
        stand();
        lanes.change(this::loopFollows);
        settleWaiters();
    }

    private synchronized void loopFollows(int change) {
        if (lanes.allFollow(change)) {
            book.bookUnbound();
            followedPolicyEpoch = policy.policyEpoch();
            mustReport = hasHistory();
            context.urgent().accept(this);
        }
    }

    private boolean hasHistory() {
        return book.current().isWorthClosing() || !book.parked().isEmpty() || admissions.allocations() > 0;
    }

    /** Whether the ledger was asked and is silent. */
    boolean isControlLost() {
        return lease.isLost(context.nanos(), context.settings().controlTimeout().toNanos());
    }

    /** This process stood still: it asks before it does anything that the ledger has to know of (QUOTA.md rule 20). */
    synchronized void stoodStill() {
        lease.stoodStill(context.nanos());
        mustReport |= hasHistory();
        context.urgent().accept(this);
    }

    /** Takes a grant of this process. */
    synchronized void apply(QuotaGrant grant) {
        lease.answered(grant.answeredReportMonotonicNanos(), grant.leaseNanos(), context.nanos());
        Account account = book.accountFor(grant, policy);
        stand();
        if (account == null) {
            return;
        }
        if (account.isFinal()) {
            if (grant.closed()) {
                book.forget(account);
            }
            return;
        }
        if (!account.isNewer(grant)) {
            return;
        }
        account.accept(grant);
        if (account == standing.account()) {
            admissions.answered(grant.exhausted());
            asked = false;
            if (standing.bound()) {
                descent.granted(grant, context.nanos());
                stand();
            }
        }
        refill.granted(grant);
        if (grant.recall()) {
            mustReport |= refill.giveUpSurplus(account, rate,
                    admissions.allocations() > 0 || admissions.isSomebodyWaiting());
        }
        refill.mark(account, rate);
        if (mustReport) {
            context.urgent().accept(this);
        }
        settleWaiters();
    }

    /** Data waits for credit, or is about to come: the tenant is not idle, although nothing is spent or dropped. */
    synchronized void expectSpending() {
        rate.expectSpending(context.nanos());
    }

    /** Event loops come here when credit runs low; a request that waits for its answer is not repeated. */
    private void lowWater() {
        if (!asked && !closed && !context.fenced().get()) {
            context.urgent().accept(this);
        }
    }

    /** Lets event loops follow the current account and policy. */
    private void stand() {
        boolean bound = closed || policy.enforcesVolume();
        if (standing.account() != book.current()) {
            admissions.begunAnew();
            descent.begunAnew();
            asked = false;
            mustReport |= !book.retired().isEmpty() || !book.parked().isEmpty();
        } else if (standing.bound() == bound && standing.trickle() == descent.trickle()) {
            return;
        }
        book.current().drawSparingly(descent.trickle() != null);
        standing = new Standing(book.current(), bound, descent.trickle());
    }

    /**
     * Does what is due: rolls the period, returns idle credit, reports, answers those whose wait is over.
     *
     * @param scheduled false if an event loop or a grant asked for it between two report times
     */
    synchronized void run(boolean scheduled) {
        long now = context.nanos();
        if (!closed) {
            book.rollIfDue(policy);
            stand();
        }
        Account account = book.current();
        book.bookUnbound();
        long spent = book.spentBytes();
        rate.measure(spent, spent + book.refusedBytes(), now);
        if (scheduled) {
            asked = false;
            lanes.returnIdleSlices(account);
            returnIdleCredit(now);
            climbDown(account, now);
        }
        refill.mark(account, rate);
        boolean wants = wants(now);
        if (mustReport || wants && !asked || scheduled && (wants || hasNews(spent))) {
            report(now, spent, wants);
        }
        settleWaiters();
    }

    /** The last steps: when the trickle is over what is left of it goes back, and long silence ends allocations. */
    private void climbDown(Account account, long now) {
        boolean hasTrickled = descent.hasTrickled(now);
        if (hasTrickled) {
            mustReport |= account.giveUp(0);
        }
        descent.isSilent(standing.bound() && !closed && hasRunOut()
                && (hasTrickled || account.availableBytes() < leastCreditBytes()), now);
    }

    /** Whether live allocations must end. */
    boolean isOver() {
        return descent.isOver();
    }

    private boolean wants(long now) {
        boolean busy = admissions.allocations() > 0 && !isIdle(now);
        return standing.bound() && !closed && !context.fenced().get()
                && (admissions.isSomebodyWaiting() && (isShort() || isForLiveAllocations())
                        || busy && refill.isLow(standing.account()));
    }

    private boolean isIdle(long now) {
        return rate.idleNanos(now) >= context.settings().idleReturn().toNanos();
    }

    private boolean isShort() {
        return standing.account().availableBytes() < leastCreditBytes();
    }

    private boolean hasNews(long spent) {
        return reports.hasNews(spent, standing.bound());
    }

    /** QUOTA.md rule 17: idle holders return everything. */
    private void returnIdleCredit(long now) {
        boolean idle = !admissions.isSomebodyWaiting()
                && rate.idleNanos(now) >= context.settings().idleReturn().toNanos();
        if (idle || !standing.bound()) {
            mustReport |= book.current().giveUp(0) && standing.bound();
        }
        if (idle && book.next() != null) {
            mustReport |= book.next().giveUp(0);
        }
    }

    private void report(long now, long spent, boolean wants) {
        Wish wish = wants ? wish(now) : Wish.NONE;
        reports.offer(now, spent, wish, followedPolicyEpoch, rate.bytesPerSecond(), closed);
        asked |= wants;
        mustReport = false;
        if (wants) {
            lease.asked(now);
        } else {
            lease.needsNothing();
        }
    }

    private Wish wish(long now) {
        Account account = book.current();
        return new Wish(refill.wantBytes(account, rate),
                hasRunOut() ? descent.wantBytes(account, admissions.allocations(), now) : 0);
    }

    /** Makes event loops drop what they have drawn: this process is fenced. */
    synchronized void voidSlices() {
        voidSlicesIfFenced();
        stand();
        settleWaiters();
    }

    /** Where nothing is enforced a fenced process goes on; its slices are worth nothing when a volume is enforced again. */
    private void voidSlicesIfFenced() {
        if (context.fenced().get() && policy.enforcesVolume() && !closed) {
            book.startAnew(policy);
        }
    }

    /** Spends no more, and settles all accounts (QUOTA.md rule 4). */
    synchronized void close() {
        if (!closed) {
            closed = true;
            book.close(policy);
            stand();
            settleWaiters();
        }
    }

    synchronized boolean isSettled() {
        return book.retired().isEmpty();
    }
}
