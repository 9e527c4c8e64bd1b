package io.turnpike.node.quota;

import io.turnpike.node.quota.Waiter.Verdict;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Answers the requests for allocations of one tenant or user on this node: at once, or when they have waited for the ledger.
 * Guarded by the quota.
 */
final class AdmissionDesk {
    private static final long EXHAUSTED_HOLDS_NANOS = 1_000_000_000L;

    private final NodeContext context;
    private final Footing footing;
    private final AccountBook book;
    private final Admissions admissions;
    private final TenantShare share;
    private final ControlLoss controlLoss;
    private final Runnable urgent;
    private final List<Waiter> waiters = new ArrayList<>();
    /** What the ledger last answered the spent account: whoever asked before need not wait on. */
    private boolean exhausted;
    private long exhaustedAtNanos;

    /** @param urgent called when somebody was let in whom the report thread must serve */
    AdmissionDesk(NodeContext context, Footing footing, AccountBook book, Admissions admissions, TenantShare share,
            ControlLoss controlLoss, Runnable urgent) {
        this.context = context;
        this.footing = footing;
        this.book = book;
        this.admissions = admissions;
        this.share = share;
        this.controlLoss = controlLoss;
        this.urgent = urgent;
    }

    /** Answers a request, or lets it wait; a verdict other than {@link Verdict#WAIT} is the caller's to tell. */
    Verdict arrive(Waiter waiter) {
        Verdict verdict = verdict(waiter);
        if (verdict == Verdict.WAIT && exhausted && footing.isPolicyKnown()
                && waiter.askedAtNanos() - exhaustedAtNanos < EXHAUSTED_HOLDS_NANOS) {
            verdict = Verdict.EXHAUSTED;
        }
        if (verdict == Verdict.WAIT) {
            waiters.add(waiter);
            admissions.waits(waiter.userId());
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
                admissions.waitsNoMore(waiter.userId());
                count(waiter, verdict);
                waiter.answerOnLoop(verdict);
            }
        }
    }

    private void count(Waiter waiter, Verdict verdict) {
        if (verdict == Verdict.ADMIT) {
            admissions.joined(waiter.userId());
        } else {
            admissions.refuse();
        }
    }

    private Verdict verdictWhileWaiting(Waiter waiter) {
        Verdict verdict = verdict(waiter);
        if (verdict != Verdict.WAIT) {
            return verdict;
        }
        if (exhausted && exhaustedAtNanos - waiter.askedAtNanos() >= 0) {
            return Verdict.EXHAUSTED;
        }
        if (context.nanos() - deadlineNanos(waiter) < 0) {
            return Verdict.WAIT;
        }
        Verdict last = verdictWithoutAnswer(waiter);
        if (last == Verdict.NO_GRANT && exhausted) {
            exhaustedAtNanos = context.nanos();
            return Verdict.EXHAUSTED;
        }
        return last;
    }

    /** What a request is answered now. */
    private Verdict verdict(Waiter waiter) {
        Verdict verdict = verdictOfVolume();
        return verdict == Verdict.ADMIT ? share.verdict(waiter) : verdict;
    }

    private Verdict verdictOfVolume() {
        if (footing.isClosed()) {
            return Verdict.NO_GRANT;
        }
        if (!footing.isPolicyKnown() && context.mayLearnPolicies()) {
            return Verdict.WAIT;
        }
        if (!footing.policy().enforcesVolume()) {
            return footing.refusesNewcomers() ? Verdict.EXHAUSTED : Verdict.ADMIT;
        }
        if (context.fenced().get()) {
            return Verdict.FENCED;
        }
        boolean credit = !footing.isShort() && !footing.isForLiveAllocations();
        return credit && !book.current().isOver() ? Verdict.ADMIT : Verdict.WAIT;
    }

    /** What a request is answered that may wait no longer. */
    private Verdict verdictWithoutAnswer(Waiter waiter) {
        if (!footing.isPolicyKnown() && !footing.policy().enforcesVolume()) {
            return footing.refusesNewcomers() ? Verdict.EXHAUSTED : verdictOfShare(waiter);
        }
        if (verdictOfVolume() == Verdict.ADMIT) {
            return verdictOfShare(waiter);
        }
        return controlLoss.mayBegin() ? goOnWith(waiter) : Verdict.NO_GRANT;
    }

    private Verdict goOnWith(Waiter waiter) {
        Verdict verdict = verdictOfShare(waiter);
        if (verdict == Verdict.ADMIT) {
            controlLoss.begin();
            urgent.run();
        }
        return verdict;
    }

    /** What a request that the volume admits is answered by the share, and may wait no longer. */
    private Verdict verdictOfShare(Waiter waiter) {
        Verdict verdict = share.verdict(waiter);
        return verdict == Verdict.WAIT ? share.verdictWithoutAnswer() : verdict;
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
}
