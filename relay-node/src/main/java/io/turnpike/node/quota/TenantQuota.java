package io.turnpike.node.quota;

import io.turnpike.node.event.QuotaAccountState;
import io.turnpike.node.event.TenantUsageReported;
import io.turnpike.node.quota.Waiter.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * One tenant's quota on this node: its policy, its accounts, and who waits for credit. Event loops read the
 * {@link Standing}; everything else is guarded by this object. Reports are offered under the same guard, so that their
 * sequence numbers are in the order of what they say.
 */
final class TenantQuota {
    /** Less credit than one datagram of this size admits nobody. */
    private static final long LEAST_CREDIT_BYTES = 1500;
    private static final long EXHAUSTED_HOLDS_NANOS = 1_000_000_000L;

    /**
     * What event loops follow.
     *
     * @param account what is debited
     * @param bound whether a debit needs credit
     * @param trickle how fast credit of the tail reserve may be spent; null while the credit is ordinary
     */
    record Standing(Account account, boolean bound, Trickle trickle) {}

    private final String tenantId;
    private final NodeContext context;
    private final Refill refill = new Refill();
    private final SpendingRate rate;
    private final Lane[] lanes;
    private final List<Waiter> waiters = new ArrayList<>();
    private final AccountBook book;
    private final Descent descent;
    private final Map<String, Integer> allocationsByUser = new HashMap<>();
    private volatile Standing standing;
    private volatile boolean asked;
    private volatile boolean closed;

    private QuotaPolicy policy;
    private boolean policyKnown;
    private long followedPolicyEpoch;
    private int policyChange;
    private int loopsToFollow;
    private boolean exhausted;
    private long exhaustedAtNanos;
    private Heard heard = Heard.NOTHING;
    private boolean mustReport;
    private int allocations;
    private long rejectedAllocations;
    private long reportedSpentBytes;
    private long reportedRejections;
    private int reportedAllocations;

    TenantQuota(String tenantId, NodeContext context) {
        this.tenantId = tenantId;
        this.context = context;
        this.policy = context.settings().defaultPolicy();
        this.lanes = new Lane[context.settings().eventLoops()];
        this.rate = new SpendingRate(context.nanos());
        this.descent = new Descent(context.settings().ladder());
        this.book = new AccountBook(context, this::lowWater, policy);
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
            waiter = new Waiter(this, userId, lane(loopIndex, loop), answer, context.nanos());
            verdict = verdictOnArrival(waiter);
            if (verdict == Verdict.WAIT) {
                waiters.add(waiter);
            } else {
                count(waiter, verdict);
            }
        }
        if (verdict == Verdict.WAIT) {
            context.urgent().accept(this);
        } else {
            waiter.answerHere(verdict);
        }
    }

    private Verdict verdictOnArrival(Waiter waiter) {
        Verdict verdict = verdict();
        if (verdict == Verdict.WAIT && exhausted && policyKnown
                && waiter.askedAtNanos() - exhaustedAtNanos < EXHAUSTED_HOLDS_NANOS) {
            return Verdict.EXHAUSTED;
        }
        return verdict;
    }

    private Verdict verdict() {
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

    private Verdict verdictWhileWaiting(Waiter waiter) {
        Verdict verdict = verdict();
        if (verdict != Verdict.WAIT) {
            return verdict;
        }
        if (exhausted && exhaustedAtNanos - waiter.askedAtNanos() >= 0) {
            return Verdict.EXHAUSTED;
        }
        if (context.nanos() - deadlineNanos(waiter) < 0) {
            return Verdict.WAIT;
        }
        if (!policyKnown && !policy.enforcesVolume()) {
            return refusesNewcomers() ? Verdict.EXHAUSTED : Verdict.ADMIT;
        }
        if (exhausted) {
            exhaustedAtNanos = context.nanos();
            return Verdict.EXHAUSTED;
        }
        return Verdict.NO_GRANT;
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
        for (Iterator<Waiter> all = waiters.iterator(); all.hasNext();) {
            Waiter waiter = all.next();
            Verdict verdict = verdictWhileWaiting(waiter);
            if (verdict != Verdict.WAIT) {
                all.remove();
                count(waiter, verdict);
                waiter.answerOnLoop(verdict);
            }
        }
    }

    /** When the first of those who wait must be answered; {@link Long#MAX_VALUE} from now if nobody waits. */
    synchronized long nanosToDeadline(long nowNanos) {
        return waiters.isEmpty() ? Long.MAX_VALUE : deadlineNanos(waiters.get(0)) - nowNanos;
    }

    private long deadlineNanos(Waiter waiter) {
        return waiter.askedAtNanos() + context.settings().admissionTimeout().toNanos();
    }

    private void count(Waiter waiter, Verdict verdict) {
        if (verdict == Verdict.ADMIT) {
            allocations++;
            rate.expectSpending(context.nanos());
            allocationsByUser.merge(waiter.userId(), 1, Integer::sum);
        } else {
            rejectedAllocations++;
        }
    }

    synchronized void allocationEnded(String userId) {
        allocations--;
        allocationsByUser.computeIfPresent(userId, (user, count) -> count == 1 ? null : count - 1);
    }

    private Lane lane(int loopIndex, Executor loop) {
        if (lanes[loopIndex] == null) {
            lanes[loopIndex] = new Lane(this, loopIndex, loop, context.nanoClock());
        }
        return lanes[loopIndex];
    }

    /** Follows a policy. Its epoch is reported as seen only when every event loop follows it (QUOTA.md rule 12). */
    synchronized void follow(QuotaPolicy newPolicy, boolean known) {
        book.bookUnbound();
        book.follow(policy, newPolicy);
        policy = newPolicy;
        policyKnown = known;
        exhausted = false;
        descent.begunAnew();
        voidSlicesIfFenced();
        stand();
        int change = ++policyChange;
        loopsToFollow = 1;
        for (Lane lane : lanes) {
            if (lane != null) {
                loopsToFollow++;
                runOnLoop(lane, () -> loopFollows(change));
            }
        }
        loopFollows(change);
        settleWaiters();
    }

    private synchronized void loopFollows(int change) {
        if (change == policyChange && --loopsToFollow == 0) {
            book.bookUnbound();
            followedPolicyEpoch = policy.policyEpoch();
            mustReport = hasHistory();
            context.urgent().accept(this);
        }
    }

    private static void runOnLoop(Lane lane, Runnable task) {
        try {
            lane.loop().execute(task);
        } catch (RejectedExecutionException e) {
            task.run(); // the loop has ended: nobody else touches its slice
        }
    }

    private boolean hasHistory() {
        return book.current().isWorthClosing() || !book.parked().isEmpty() || allocations > 0;
    }

    /** Takes a grant of this process. */
    synchronized void apply(QuotaGrant grant) {
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
            exhausted = grant.exhausted();
            exhaustedAtNanos = context.nanos();
            asked = false;
            if (standing.bound()) {
                descent.granted(grant, context.nanos());
                stand();
            }
        }
        refill.granted(grant);
        if (grant.recall()) {
            mustReport |= refill.giveUpSurplus(account, rate, allocations > 0 || !waiters.isEmpty());
        }
        refill.mark(account, rate);
        if (mustReport) {
            context.urgent().accept(this);
        }
        settleWaiters();
    }

    /** A stream waits for credit: the tenant is not idle, although nothing is spent or dropped. */
    synchronized void dataWaits() {
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
            exhausted = false;
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
            returnIdleSlices(account);
            returnIdleCredit(now);
            climbDown(account, now);
        }
        refill.mark(account, rate);
        boolean wants = wants(now);
        if (mustReport || wants && !asked || scheduled && hasNews(spent, wants)) {
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

    private long wantTailBytes(Account account, long now) {
        return hasRunOut() ? descent.wantBytes(account, allocations, now) : 0;
    }

    private boolean wants(long now) {
        boolean busy = allocations > 0 && rate.idleNanos(now) < context.settings().idleReturn().toNanos();
        return standing.bound() && !closed && !context.fenced().get()
                && (!waiters.isEmpty() && (isShort() || isForLiveAllocations())
                        || busy && refill.isLow(standing.account()));
    }

    private boolean isShort() {
        return standing.account().availableBytes() < leastCreditBytes();
    }

    private boolean hasNews(long spent, boolean wants) {
        Account account = book.current();
        Account next = book.next();
        boolean owes = standing.bound() && account.hasUnacknowledgedReturn()
                || next != null && next.hasUnacknowledgedReturn()
                || standing.bound() && book.parked().stream().anyMatch(Account::hasUnacknowledgedReturn);
        // The end of the last allocation is news too: whoever reads the reports would count it for ever.
        return wants || owes || holdsCredit() || allocations > 0 || allocations != reportedAllocations
                || !book.retired().isEmpty() || spent != reportedSpentBytes
                || rejectedAllocations != reportedRejections;
    }

    /** QUOTA.md rule 17: who holds credit reports, whether or not bytes move. */
    private boolean holdsCredit() {
        Account account = book.current();
        Account next = book.next();
        return account.grantSeq() > 0 && account.unspentBytes() > 0 || next != null && next.unspentBytes() > 0;
    }

    private void returnIdleSlices(Account account) {
        for (Lane lane : lanes) {
            if (lane != null && account.hasIdleSlice(lane.loopIndex())) {
                runOnLoop(lane, lane::giveBack);
            }
        }
    }

    /** QUOTA.md rule 17: idle holders return everything. */
    private void returnIdleCredit(long now) {
        boolean idle = waiters.isEmpty() && rate.idleNanos(now) >= context.settings().idleReturn().toNanos();
        if (idle || !standing.bound()) {
            mustReport |= book.current().giveUp(0) && standing.bound();
        }
        if (idle && book.next() != null) {
            mustReport |= book.next().giveUp(0);
        }
    }

    private void report(long now, long spent, boolean wants) {
        List<QuotaAccountState> states = new ArrayList<>();
        book.retired().forEach(account -> states.add(stateOf(account)));
        book.parked().forEach(account -> states.add(stateOf(account)));
        Account account = book.current();
        if (wants) {
            account.setAsked();
        }
        if (!closed && (account.period() != null || wants)) {
            states.add(wants
                    ? stateOf(account, refill.wantBytes(account, rate), wantTailBytes(account, now))
                    : stateOf(account));
        }
        if (book.next() != null) {
            states.add(stateOf(book.next()));
        }
        context.reports()
                .offer(new TenantUsageReported(context.clock().instant(), tenantId, now, followedPolicyEpoch, states,
                        spent, allocations, allocationsByUser.size(), rejectedAllocations,
                        book.refusedBytes()));
        reportedSpentBytes = spent;
        reportedRejections = rejectedAllocations;
        reportedAllocations = allocations;
        asked |= wants;
        mustReport = false;
    }

    private QuotaAccountState stateOf(Account account) {
        return stateOf(account, 0, 0);
    }

    private QuotaAccountState stateOf(Account account, long wantBytes, long wantTailBytes) {
        // The cap is read before U, and U only grows: a draw between the two cannot make the rest look larger.
        long capBytes = account.capBytes();
        long drawnBytes = account.drawnBytes();
        return new QuotaAccountState(account.period() == null ? "" : account.period().id(), "", followedPolicyEpoch,
                account.grantSeq(), Math.max(capBytes, drawnBytes), drawnBytes,
                Math.min(account.spentBytes(), drawnBytes), wantBytes, rate.bytesPerSecond(), account.isFinal(),
                wantTailBytes);
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
