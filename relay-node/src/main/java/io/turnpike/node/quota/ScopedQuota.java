package io.turnpike.node.quota;

import io.turnpike.node.quota.Footing.Standing;
import io.turnpike.node.quota.UsageReports.Scope;
import io.turnpike.node.quota.Waiter.Verdict;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * One quota on this node, of a tenant or of one of its users: takes what comes from event loops, from the ledger and from the
 * clock, and has each part do its step. {@link AdmissionDesk} answers requests, {@link Dialogue} reports and asks,
 * {@link ControlLoss} goes on where the ledger is silent, {@link Ceilings} says what is written down ahead, and
 * {@link Footing} is what they all go by.
 *
 * <p>Event loops read the {@link Standing}; everything else is guarded by this object. Reports are offered under the same
 * guard, so that their sequence numbers are in the order of what they say.
 */
final class ScopedQuota {
    private final Scope scope;
    private final NodeContext context;
    private final SpendingRate rate;
    private final Lanes lanes;
    private final AccountBook book;
    private final Descent descent;
    private final Footing footing;
    private final Admissions admissions;
    private final TenantShare share;
    private final Settlements settlements;
    private final ControlLease lease = new ControlLease();
    private final ControlLoss controlLoss;
    private final Ceilings ceilings;
    private final AdmissionDesk desk;
    private final Dialogue dialogue;
    private volatile Standing standing;
    private ScopedQuota before;
    private UserQuotas users;

    /** A tenant's quota, under the default policy. */
    ScopedQuota(String tenantId, NodeContext context) {
        this(new Scope(tenantId, "", 0), context, context.settings().defaultPolicy(), null, null);
    }

    /**
     * A user's quota.
     *
     * @param policy that of each user
     * @param tenant whose quota is debited beside it; null for the tenant's own
     * @param before the same user's quota that was closed and whose end is not acknowledged, or null
     */
    ScopedQuota(Scope scope, NodeContext context, QuotaPolicy policy, ScopedQuota tenant, ScopedQuota before) {
        this.scope = scope;
        this.context = context;
        this.before = before;
        rate = new SpendingRate(context.nanos());
        lanes = new Lanes(context.settings().eventLoops());
        book = new AccountBook(context, this::lowWater, policy,
                scope.isUser() ? Account.MAX_USER_SLICE_BYTES : Account.MAX_SLICE_BYTES);
        descent = new Descent(context.settings().ladder());
        footing = new Footing(context, book, descent, policy, scope.isUser(), tenant == null ? null : tenant.footing);
        admissions = new Admissions(context, rate);
        share = new TenantShare(context, admissions);
        share.follow(policy);
        settlements = new Settlements(scope, context);
        Grace grace = new Grace(scope.tenantId(), context);
        controlLoss = new ControlLoss(context, footing, book, lease, grace, rate);
        ceilings = new Ceilings(scope, context, footing, book, settlements, grace, rate);
        desk = new AdmissionDesk(context, footing, book, admissions, share, controlLoss, this::callReportThread);
        dialogue = new Dialogue(context, footing, book, admissions,
                new UsageReports(scope, context, book, lanes, admissions, settlements, share), lease, rate);
        standing = footing.standing(false, share.rates());
    }

    Standing standing() {
        return standing;
    }

    /** Sets whose quotas are debited beside this one; once, before anything else. */
    void setUsers(UserQuotas quotasOfUsers) {
        users = quotasOfUsers;
    }

    UserQuotas users() {
        return users;
    }

    long opening() {
        return scope.opening();
    }

    /** Whether this quota gives nothing any more. */
    boolean isClosed() {
        return footing.isClosed();
    }

    /** Whether live allocations must end. */
    boolean isOver() {
        return descent.isOver();
    }

    /** An allowance for an allocation that lives already; called on its event loop. */
    synchronized Allowance join(String userId, int loopIndex, Executor loop) {
        admissions.joined(userId);
        return new Allowance(this, userId, lanes.lane(loopIndex, loop, this, context));
    }

    /** Called on the asking event loop. */
    void admit(String userId, int loopIndex, Executor loop, Consumer<Admission> answer) {
        Waiter waiter;
        Verdict verdict;
        synchronized (this) {
            Lane lane = lanes.lane(loopIndex, loop, this, context);
            waiter = new Waiter(this, userId, lane, answer, context.nanos());
            verdict = desk.arrive(waiter);
        }
        if (verdict == Verdict.WAIT) {
            context.waiting().add(this);
            callReportThread();
        } else {
            waiter.answerHere(verdict);
        }
    }

    /** Answers those whose wait is over. */
    synchronized void settleWaiters() {
        desk.settle();
    }

    /** A request that this quota admitted was refused by the user's. */
    synchronized void refusedByUser() {
        admissions.refuse();
    }

    synchronized void allocationEnded(String userId) {
        admissions.ended(userId);
        share.ended(userId);
    }

    /** Data waits for credit, or is about to come: the tenant is not idle, although nothing is spent or dropped. */
    synchronized void expectSpending() {
        rate.expectSpending(context.nanos());
    }

    /** Event loops come here when credit runs low. */
    private void lowWater() {
        if (dialogue.isWorthACall() && footing.isSpendable()) {
            callReportThread();
        }
    }

    private void callReportThread() {
        context.urgent().accept(this);
    }

    /** Follows a policy. Its epoch is reported as seen only when every event loop follows it (QUOTA.md rule 12). */
    synchronized void follow(QuotaPolicy newPolicy, boolean known) {
        book.bookUnbound();
        book.follow(footing.policy(), newPolicy);
        footing.follow(newPolicy, known);
        desk.begunAnew();
        voidSlicesIfFenced();
        share.follow(newPolicy);
        stand();
        lanes.change(this::loopFollows);
        settleWaiters();
    }

    private synchronized void loopFollows(int change) {
        if (lanes.allFollow(change)) {
            book.bookUnbound();
            footing.loopsFollow();
            dialogue.reportIf(hasHistory());
            callReportThread();
        }
    }

    private boolean hasHistory() {
        return book.current().isWorthClosing() || !book.parked().isEmpty() || admissions.allocations() > 0;
    }

    /** Takes what the ledger says of the whole quota in the running period; in the ledger's order. */
    synchronized void hear(Heard word) {
        if (footing.hear(word)) {
            stand();
        }
    }

    /** Takes a share of this process. */
    synchronized void apply(QuotaShare newShare) {
        share.apply(newShare);
        if (share.mustReport()) {
            callReportThread();
        }
        settleWaiters();
    }

    /** Takes a grant of this process. */
    synchronized void apply(QuotaGrant grant) {
        OptionalLong waited = lease.answered(grant.answeredReportMonotonicNanos(), context.nanos());
        if (controlLoss.goesOn() && !isControlLost()) {
            goOn(context.nanos());
        }
        Account account = book.accountFor(grant, footing.policy());
        stand();
        if (account == null) {
            return;
        }
        if (account.isFinal()) {
            if (grant.closed()) {
                book.closed().settled(account);
            }
            return;
        }
        if (account.isNewer(grant)) {
            accept(account, grant, waited);
        }
    }

    private void accept(Account account, QuotaGrant grant, OptionalLong waited) {
        boolean wasShort = dialogue.isQuotaShort(); // such a question waits for what others return, or for a larger quota
        if (account.accept(grant) && !wasShort && !grant.recall()) {
            waited.ifPresent(context.grantWaits());
        }
        if (book.parked().contains(account)) {
            dialogue.reportIf(account.giveUp(0)); // it was granted before the ledger knew that the policy has left its period
        }
        if (account == standing.account()) {
            desk.answered(grant.exhausted());
            dialogue.mayAskAgain();
            if (standing.bound()) {
                footing.granted(grant);
                stand();
            }
        }
        dialogue.granted(account, grant);
        if (dialogue.mustReport() || mustWriteDown()) { // nobody can spend the grant before it is written down
            callReportThread();
        }
        settleWaiters();
    }

    /** A process of this node that is gone was settled, or not yet. */
    synchronized void settled(QuotaGrant grant) {
        settlements.settledBy(grant);
    }

    /** Lets event loops follow the current account and policy. */
    private void stand() {
        boolean isAnotherAccount = standing.account() != book.current();
        if (isAnotherAccount) {
            desk.begunAnew();
            footing.begunAnew();
            dialogue.mayAskAgain();
            dialogue.reportIf(!book.closed().unsettled().isEmpty() || !book.parked().isEmpty());
        }
        Standing now = footing.standing(users != null, share.rates());
        if (!now.equals(standing)) {
            book.current().drawSparingly(now.trickle() != null);
            standing = now;
        }
    }

    /**
     * Does what is due: rolls the period, returns idle credit, reports, answers those whose wait is over.
     *
     * @param scheduled false if an event loop or a grant asked for it between two report times
     */
    synchronized void run(boolean scheduled) {
        if (mustWaitForEnd()) {
            settleWaiters();
            return;
        }
        long now = context.nanos();
        if (!isClosed()) {
            book.rollIfDue(footing.policy());
            stand();
        }
        book.bookUnbound();
        long spent = book.spentBytes();
        rate.measure(spent, spent + book.refusedBytes(), now);
        if (scheduled) {
            dialogue.mayAskAgain();
            lanes.returnIdleSlices(book.current());
            dialogue.returnIdleCredit(now);
            dialogue.reportIf(footing.climbDown(now));
            share.tidy();
        }
        goOn(now);
        dialogue.mark(book.current());
        dialogue.speak(scheduled, spent, now);
        settleWaiters();
    }

    private void goOn(long now) {
        dialogue.reportIf(controlLoss.goOn(now));
        if (controlLoss.goesOn()) {
            context.waiting().add(this);
        }
    }

    /** QUOTA.md rule 18: an account is opened again when its close is acknowledged. Until then nothing is said of it. */
    private boolean mustWaitForEnd() {
        if (before != null && before.isSettled()) {
            before = null;
        }
        return before != null;
    }

    /** Nanoseconds until {@link #run} must be called again; {@link Long#MAX_VALUE} if its time need not be kept. */
    synchronized long nanosToDeadline(long nowNanos) {
        return Math.min(controlLoss.nanosToDeadline(nowNanos), desk.nanosToDeadline(nowNanos));
    }

    /** Whether the ledger was asked and is silent. */
    boolean isControlLost() {
        return controlLoss.isLost();
    }

    /** This process stood still: it asks before it does anything that the ledger has to know of (QUOTA.md rule 20). */
    synchronized void stoodStill() {
        lease.stoodStill(context.nanos());
        share.stoodStill();
        dialogue.reportIf(hasHistory());
        callReportThread();
    }

    /** Whether what may be spent must be written down before it is. */
    synchronized boolean mustWriteDown() {
        return ceilings.mustWriteDown();
    }

    /** What to write down; nothing beyond it is drawn until it is. */
    synchronized SpendAhead.Proposal proposeSpending() {
        return ceilings.propose();
    }

    /** A proposal is on disk, or is not. */
    synchronized void writtenDown(SpendAhead.Proposal proposal, SpendLog.Outcome outcome) {
        ceilings.writtenDown(proposal, outcome);
        if (controlLoss.goesOn()) {
            callReportThread();
        }
        dialogue.mark(book.current());
        settleWaiters();
    }

    /** Makes event loops drop what they have drawn: this process is fenced. */
    synchronized void voidSlices() {
        voidSlicesIfFenced();
        share.fenced();
        stand();
        settleWaiters();
    }

    /** Where nothing is enforced a fenced process goes on; its slices are worth nothing when a volume is enforced again. */
    private void voidSlicesIfFenced() {
        if (context.fenced().get() && footing.policy().enforcesVolume() && !isClosed()) {
            book.startAnew(footing.policy());
        }
    }

    /** Closes the quota of a user who has nothing here any more and has done nothing for a while. */
    synchronized boolean closeIfIdle(long idleNanos) {
        boolean idle = !admissions.areAny() && !mustWaitForEnd() && rate.idleNanos(context.nanos()) >= idleNanos;
        if (idle) {
            close();
        }
        return idle;
    }

    /** Spends no more, and settles all accounts (QUOTA.md rule 4). */
    synchronized void close() {
        if (!isClosed()) {
            footing.close();
            book.close(footing.policy());
            share.close();
            stand();
            settleWaiters();
        }
    }

    synchronized boolean isSettled() {
        return book.closed().unsettled().isEmpty() && settlements.areDone() && share.isSettled();
    }

    /** By the scope, so that what is due is done in the same order in every run. */
    @Override
    public int hashCode() {
        return scope.hashCode();
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }
}
