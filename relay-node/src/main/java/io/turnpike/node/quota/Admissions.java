package io.turnpike.node.quota;

import io.turnpike.node.quota.Waiter.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * The requests for allocations of one tenant or user on this node: those that wait for the ledger, those that were admitted and
 * live, and how many were refused. Guarded by the quota.
 */
final class Admissions {
    private static final long EXHAUSTED_HOLDS_NANOS = 1_000_000_000L;

    private final ScopedQuota quota;
    private final NodeContext context;
    private final List<Waiter> waiters = new ArrayList<>();
    private final Map<String, Integer> allocationsByUser = new HashMap<>();
    private final Map<String, Integer> waitingByUser = new HashMap<>();
    private int allocations;
    private long arrivals;
    private long refused;
    /** What the ledger last answered the spent account: whoever asked before need not wait on. */
    private boolean exhausted;
    private long exhaustedAtNanos;

    Admissions(ScopedQuota quota, NodeContext context) {
        this.quota = quota;
        this.context = context;
    }

    /** Answers a request, or lets it wait; a verdict other than {@link Verdict#WAIT} is the caller's to tell. */
    Verdict arrive(Waiter waiter) {
        Verdict verdict = quota.verdict(waiter);
        if (verdict == Verdict.WAIT && exhausted && quota.isPolicyKnown()
                && waiter.askedAtNanos() - exhaustedAtNanos < EXHAUSTED_HOLDS_NANOS) {
            verdict = Verdict.EXHAUSTED;
        }
        if (verdict == Verdict.WAIT) {
            waiters.add(waiter);
            waitingByUser.merge(waiter.userId(), 1, Integer::sum);
            arrivals++;
        } else {
            count(waiter, verdict);
        }
        return verdict;
    }

    /** Answers those whose wait is over. */
    void settle() {
        for (Iterator<Waiter> all = waiters.iterator(); all.hasNext();) {
            Waiter waiter = all.next();
            Verdict verdict = verdictWhileWaiting(waiter);
            if (verdict != Verdict.WAIT) {
                all.remove();
                takeOne(waitingByUser, waiter.userId());
                count(waiter, verdict);
                waiter.answerOnLoop(verdict);
            }
        }
    }

    private Verdict verdictWhileWaiting(Waiter waiter) {
        Verdict verdict = quota.verdict(waiter);
        if (verdict != Verdict.WAIT) {
            return verdict;
        }
        if (exhausted && exhaustedAtNanos - waiter.askedAtNanos() >= 0) {
            return Verdict.EXHAUSTED;
        }
        if (context.nanos() - deadlineNanos(waiter) < 0) {
            return Verdict.WAIT;
        }
        Verdict last = quota.verdictWithoutAnswer(waiter);
        if (last == Verdict.NO_GRANT && exhausted) {
            exhaustedAtNanos = context.nanos();
            return Verdict.EXHAUSTED;
        }
        return last;
    }

    private void count(Waiter waiter, Verdict verdict) {
        if (verdict == Verdict.ADMIT) {
            joined(waiter.userId());
        } else {
            refused++;
        }
    }

    /** Counts an allocation that lives already. */
    void joined(String userId) {
        allocations++;
        quota.expectSpending();
        allocationsByUser.merge(userId, 1, Integer::sum);
    }

    /** Counts a request that another quota refused. */
    void refusedElsewhere() {
        refused++;
    }

    void ended(String userId) {
        allocations--;
        takeOne(allocationsByUser, userId);
    }

    private static void takeOne(Map<String, Integer> counts, String userId) {
        counts.computeIfPresent(userId, (user, count) -> count == 1 ? null : count - 1);
    }

    /** Takes the ledger's answer for the account that is spent. */
    void answered(boolean isExhausted) {
        exhausted = isExhausted;
        exhaustedAtNanos = context.nanos();
    }

    /** Another account or policy: what the ledger answered before says nothing. */
    void begunAnew() {
        exhausted = false;
    }

    /** When the first of those who wait must be answered; {@link Long#MAX_VALUE} from now if nobody waits. */
    long nanosToDeadline(long nowNanos) {
        return waiters.isEmpty() ? Long.MAX_VALUE : deadlineNanos(waiters.get(0)) - nowNanos;
    }

    private long deadlineNanos(Waiter waiter) {
        return waiter.askedAtNanos() + context.settings().admissionTimeout().toNanos();
    }

    boolean isSomebodyWaiting() {
        return !waiters.isEmpty();
    }

    /** Whether anybody is here who wants to send, or waits to. */
    boolean areAny() {
        return allocations > 0 || isSomebodyWaiting();
    }

    /** Requests that wait. */
    int waiting() {
        return waiters.size();
    }

    /** Requests of a user that wait. */
    int waitingOf(String userId) {
        return waitingByUser.getOrDefault(userId, 0);
    }

    /** Requests that have ever had to wait. */
    long arrivals() {
        return arrivals;
    }

    /** Live allocations of a user. */
    int allocationsOf(String userId) {
        return allocationsByUser.getOrDefault(userId, 0);
    }

    /** Hands each user with a live allocation, and their number, to the visitor. */
    void eachUser(BiConsumer<String, Integer> visitor) {
        allocationsByUser.forEach(visitor);
    }

    /** Hands each user of whom requests wait, and their number, to the visitor. */
    void eachWaiting(BiConsumer<String, Integer> visitor) {
        waitingByUser.forEach(visitor);
    }

    /** Live allocations. */
    int allocations() {
        return allocations;
    }

    /** Users with a live allocation. */
    int users() {
        return allocationsByUser.size();
    }

    /** Requests refused since the process started. */
    long refused() {
        return refused;
    }
}
