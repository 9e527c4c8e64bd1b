package io.turnpike.node.quota;

import io.turnpike.node.quota.SpendLog.Claim;
import io.turnpike.node.quota.UsageReports.Wish;
import io.turnpike.node.quota.Waiter.Verdict;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * One quota on this node, of a tenant or of one of its users: its policy, its accounts, and who may allocate. Event loops
 * read the {@link Standing}; everything else is guarded by this object. Reports are offered under the same guard, so that their
 * sequence numbers are in the order of what they say.
 */
final class ScopedQuota {
    /** Less credit than one datagram of this size admits nobody. */
    private static final long LEAST_CREDIT_BYTES = 1500;

    /** While control is lost loops get their share this often. */
    private static final long GO_ON_NANOS = 100_000_000L;

    /**
     * What event loops follow.
     *
     * @param account what is debited
     * @param bound whether a debit needs credit
     * @param trickle how fast credit of the tail reserve may be spent; null while the credit is ordinary
     * @param perUser whether the user's quota is debited too
     * @param rates how fast data may pass; null where no rate is capped
     */
    record Standing(Account account, boolean bound, Trickle trickle, boolean perUser, Rates rates) {}

    private final UsageReports.Scope scope;
    private final NodeContext context;
    private final Refill refill = new Refill();
    private final SpendingRate rate;
    private final Lanes lanes;
    private final Admissions admissions;
    private final AccountBook book;
    private final Descent descent;
    private final UsageReports reports;
    private final ControlLease lease = new ControlLease();
    private final Settlements settlements;
    private final Grace grace;
    private final TenantShare share;
    private volatile Standing standing;
    private volatile boolean asked;
    private volatile boolean closed;
    /** Whether more was granted than is written down. */
    private volatile boolean withholds;

    private QuotaPolicy policy;
    private boolean policyKnown;
    private volatile long followedPolicyEpoch;
    private Heard heard = Heard.NOTHING;
    private boolean mustReport;
    private boolean goesOn;
    private long wentOnAtNanos;
    private final ScopedQuota tenant;
    private ScopedQuota before;
    private UserQuotas users;

    /** A tenant's quota, under the default policy. */
    ScopedQuota(String tenantId, NodeContext context) {
        this(new UsageReports.Scope(tenantId, "", 0), context, context.settings().defaultPolicy(), null, null);
    }

    /**
     * A user's quota.
     *
     * @param policy that of each user
     * @param tenant whose quota is debited beside it; null for the tenant's own
     * @param before the same user's quota that was closed and whose end is not acknowledged, or null
     */
    ScopedQuota(UsageReports.Scope scope, NodeContext context, QuotaPolicy policy, ScopedQuota tenant,
            ScopedQuota before) {
        this.tenant = tenant;
        this.scope = scope;
        this.context = context;
        this.policy = policy;
        this.policyKnown = scope.isUser();
        this.before = before;
        this.lanes = new Lanes(context.settings().eventLoops());
        this.rate = new SpendingRate(context.nanos());
        this.descent = new Descent(context.settings().ladder());
        this.book = new AccountBook(context, this::lowWater, policy,
                scope.isUser() ? Account.MAX_USER_SLICE_BYTES : Account.MAX_SLICE_BYTES);
        this.admissions = new Admissions(this, context);
        this.settlements = new Settlements(context.spendLog().flatMap(SpendLog::inherited).map(SpendLog.Page::claims)
                .orElse(List.of()).stream().filter(scope::isOf).toList());
        this.grace = new Grace(scope.tenantId(), context);
        this.share = new TenantShare(context, admissions);
        share.follow(policy);
        this.reports = new UsageReports(scope, context, book, admissions, settlements, share);
        this.standing = new Standing(book.current(), policy.enforcesVolume(), null, false, share.rates());
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
        return closed;
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
            verdict = admissions.arrive(waiter);
        }
        if (verdict == Verdict.WAIT) {
            context.waiting().add(this);
            context.urgent().accept(this);
        } else {
            waiter.answerHere(verdict);
        }
    }

    /** What a request for an allocation is answered now; guarded by this. */
    Verdict verdict(Waiter waiter) {
        Verdict verdict = verdictOfVolume();
        return verdict == Verdict.ADMIT ? share.verdict(waiter) : verdict;
    }

    private Verdict verdictOfVolume() {
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
    Verdict verdictWithoutAnswer(Waiter waiter) {
        if (!policyKnown && !policy.enforcesVolume()) {
            return refusesNewcomers() ? Verdict.EXHAUSTED : verdictOfShare(waiter);
        }
        if (verdictOfVolume() == Verdict.ADMIT) {
            return verdictOfShare(waiter);
        }
        return mayBeginToGoOn() ? goOnWith(waiter) : Verdict.NO_GRANT;
    }

    /** Whether the ledger is silent and the policy lets data begin without its first grant. */
    private boolean mayBeginToGoOn() {
        long patience = context.settings().admissionTimeout().toNanos() / 2;
        boolean isLost = mayGoOn() && book.current().grantSeq() == 0 && lease.isLost(context.nanos(), patience);
        if (isLost) {
            book.nameCurrent(policy);
        }
        return isLost && grace.isLeft(book.current(), policy);
    }

    private Verdict goOnWith(Waiter waiter) {
        Verdict verdict = verdictOfShare(waiter);
        if (verdict == Verdict.ADMIT) {
            lease.giveUpWaiting(context.nanos(), context.settings().controlTimeout().toNanos());
            context.urgent().accept(this);
        }
        return verdict;
    }

    /** What a request that the volume admits is answered by the share, and may wait no longer. */
    private Verdict verdictOfShare(Waiter waiter) {
        Verdict verdict = share.verdict(waiter);
        return verdict == Verdict.WAIT ? share.verdictWithoutAnswer() : verdict;
    }

    /** Whether the policy lets data go on without the ledger; an exhausted quota is not a lost one. */
    private boolean mayGoOn() {
        return policy.enforcesVolume() && policy.onControlLoss() != OnControlLoss.STOP && !closed
                && !context.fenced().get() && !hasRunOut();
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
    void hear(QuotaGrant grant) {
        hear(Heard.in(grant));
    }

    synchronized void hear(Heard word) {
        if (word.policyEpoch() >= policy.policyEpoch()) {
            heard = word;
            if (!word.exhausted()) {
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

    /** Nanoseconds until {@link #run} must be called again; {@link Long#MAX_VALUE} if its time need not be kept. */
    synchronized long nanosToDeadline(long nowNanos) {
        long next = goesOn ? wentOnAtNanos + GO_ON_NANOS - nowNanos : Long.MAX_VALUE;
        return Math.min(next, admissions.nanosToDeadline(nowNanos));
    }

    /** A request that this quota admitted was refused by the user's. */
    synchronized void refusedByUser() {
        admissions.refusedElsewhere();
    }

    synchronized void allocationEnded(String userId) {
        admissions.ended(userId);
        share.ended(userId);
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
        share.follow(policy);
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

    /** Takes a share of this process. */
    synchronized void apply(QuotaShare newShare) {
        share.apply(newShare);
        if (share.mustReport()) {
            context.urgent().accept(this);
        }
        settleWaiters();
    }

    /** Takes a grant of this process. */
    synchronized void apply(QuotaGrant grant) {
        lease.answered(grant.answeredReportMonotonicNanos(), grant.leaseNanos(), context.nanos());
        if (goesOn && !isControlLost()) {
            goOn(context.nanos());
        }
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
        if (book.parked().contains(account)) {
            mustReport |= account.giveUp(0); // it was granted before the ledger knew that the policy has left its period
        }
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
        mark(account);
        if (mustReport || mustWriteDown()) { // nobody can spend the grant before it is written down
            context.urgent().accept(this);
        }
        settleWaiters();
    }

    /** Data waits for credit, or is about to come: the tenant is not idle, although nothing is spent or dropped. */
    synchronized void expectSpending() {
        rate.expectSpending(context.nanos());
    }

    /** A process of this node that is gone was settled, or not yet. */
    synchronized void settled(QuotaGrant grant) {
        settlements.settledBy(grant);
    }

    /** Event loops come here when credit runs low; a request that waits for its answer is not repeated. */
    private void lowWater() {
        if ((!asked || withholds) && !closed && !context.fenced().get()) {
            context.urgent().accept(this);
        }
    }

    /** Lets event loops follow the current account and policy. */
    private void stand() {
        boolean bound = closed || policy.enforcesVolume();
        boolean perUser = users != null && policy.countsUsers();
        if (standing.account() != book.current()) {
            admissions.begunAnew();
            descent.begunAnew();
            asked = false;
            mustReport |= !book.retired().isEmpty() || !book.parked().isEmpty();
        } else if (standing.bound() == bound && standing.trickle() == descent.trickle()
                && standing.perUser() == perUser && standing.rates() == share.rates()) {
            return;
        }
        book.current().drawSparingly(descent.trickle() != null);
        standing = new Standing(book.current(), bound, descent.trickle(), perUser, share.rates());
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
            share.tidy();
        }
        goOn(now);
        mark(account);
        boolean wants = wants(now);
        if (mustReport || share.mustReport() || wants && !asked || scheduled && (wants || hasNews(spent))) {
            report(now, spent, wants);
        }
        settleWaiters();
    }

    /** QUOTA.md rule 10: while control is lost the policy may let loops draw beyond what was granted. */
    private void goOn(long now) {
        boolean does = mayGoOn() && isControlLost();
        if (does) {
            wentOnAtNanos = now;
            context.waiting().add(this);
            book.nameCurrent(policy);
        }
        Account account = book.current();
        if (does && account.period() != null && !account.isOver() && !account.isFinal()) {
            account.drawSparingly(policy.onControlLoss() == OnControlLoss.SAFE_RATE);
            grace.lift(account, policy, rate, now);
        } else if (goesOn) {
            account.drawSparingly(descent.trickle() != null);
            account.credit().endGrace();
            mustReport = true;
        }
        goesOn = does;
    }

    /** Whether what may be spent must be written down before it is. */
    synchronized boolean mustWriteDown() {
        long step = SpendAhead.stepBytes(rate);
        return policy.enforcesVolume() && (grace.needsReserve() || book.all().map(Account::credit)
                .anyMatch(credit -> credit.withheldBytes() > 0 && credit.drawableBytes() < step / 2));
    }

    /** What to write down; nothing beyond it is drawn until it is. */
    synchronized SpendAhead.Proposal proposeSpending() {
        book.bookUnbound();
        SpendAhead.Proposal proposal = SpendAhead.Proposal
                .of(grace.proposal(book.current(), policy, context.clock().instant()));
        proposal.claims().addAll(settlements.claims());
        long step = SpendAhead.stepBytes(rate);
        book.all().filter(account -> account.period() != null && account.isWorthClosing()).forEach(account -> {
            long ceiling = account.credit().proposeCeiling(step);
            proposal.ceilings().put(account, ceiling);
            proposal.claims().add(new Claim(context.node().epoch(), context.node().processNonce(), scope.tenantId(),
                    scope.userId(), account.period().id(), followedPolicyEpoch, account.grantSeq(), ceiling,
                    account.credit().liftedBytes()));
        });
        return proposal;
    }

    /** A proposal is on disk, or is not. */
    synchronized void writtenDown(SpendAhead.Proposal proposal, SpendLog.Outcome outcome) {
        proposal.ceilings().forEach((account, ceiling) -> {
            switch (outcome) {
                case WRITTEN -> account.credit().setCeiling(ceiling);
                case NOTHING_KEPT -> account.credit().setCeiling(Long.MAX_VALUE);
                case FAILED -> {
                    // the older page still holds
                }
            }
        });
        if (outcome == SpendLog.Outcome.WRITTEN) {
            grace.written(proposal.grace());
        }
        if (goesOn) {
            context.urgent().accept(this);
        }
        mark(book.current());
        settleWaiters();
    }

    private void mark(Account account) {
        refill.mark(account, rate);
        withholds = book.current().credit().withheldBytes() > 0;
    }

    /** QUOTA.md rule 18: an account is opened again when its close is acknowledged. Until then nothing is said of it. */
    private boolean mustWaitForEnd() {
        if (before != null && before.isSettled()) {
            before = null;
        }
        return before != null;
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

    /** What was granted and is being written down need not be asked for again. */
    private boolean isShort() {
        Account account = standing.account();
        return account.availableBytes() + account.credit().withheldBytes() < leastCreditBytes();
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
        reports.offer(now, spent, book.refusedBytes() + lanes.refusedForUsers(), wish, acknowledgedPolicyEpoch(),
                rate.bytesPerSecond(), closed);
        asked |= wants;
        mustReport = false;
        if (wants) {
            lease.asked(now);
        } else {
            lease.needsNothing();
        }
    }

    /** A user's quota is enforced where the loops debit it, which they do when they follow the tenant's policy. */
    private long acknowledgedPolicyEpoch() {
        return tenant == null ? followedPolicyEpoch : Math.min(followedPolicyEpoch, tenant.followedPolicyEpoch);
    }

    private Wish wish(long now) {
        Account account = book.current();
        return new Wish(refill.wantBytes(account, rate),
                hasRunOut() ? descent.wantBytes(account, admissions.allocations(), now) : 0);
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
        if (context.fenced().get() && policy.enforcesVolume() && !closed) {
            book.startAnew(policy);
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
        if (!closed) {
            closed = true;
            book.close(policy);
            share.close();
            stand();
            settleWaiters();
        }
    }

    synchronized boolean isSettled() {
        return book.retired().isEmpty() && settlements.areDone() && share.isSettled();
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
