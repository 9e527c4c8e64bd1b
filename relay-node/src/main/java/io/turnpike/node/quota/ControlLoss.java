package io.turnpike.node.quota;

/**
 * How one quota goes on while the ledger is silent, as far as its policy lets it (QUOTA.md rule 10). Guarded by the quota;
 * whether control is lost may be asked on any thread.
 */
final class ControlLoss {
    /** While control is lost loops get their share this often. */
    private static final long GO_ON_NANOS = 100_000_000L;

    private final NodeContext context;
    private final Footing footing;
    private final AccountBook book;
    private final ControlLease lease;
    private final Grace grace;
    private final SpendingRate rate;
    private boolean goesOn;
    private long wentOnAtNanos;

    ControlLoss(NodeContext context, Footing footing, AccountBook book, ControlLease lease, Grace grace,
            SpendingRate rate) {
        this.context = context;
        this.footing = footing;
        this.book = book;
        this.lease = lease;
        this.grace = grace;
        this.rate = rate;
    }

    /** Whether the ledger was asked and is silent. */
    boolean isLost() {
        return lease.isLost(context.nanos(), patienceNanos());
    }

    private long patienceNanos() {
        return context.settings().controlTimeout().toNanos();
    }

    /** Whether the policy lets data go on without the ledger; an exhausted quota is not a lost one. */
    private boolean mayGoOn() {
        return footing.policy().enforcesVolume() && footing.policy().onControlLoss() != OnControlLoss.STOP
                && footing.isSpendable() && !footing.hasRunOut();
    }

    /** Whether the ledger is silent and the policy lets data begin without its first grant. */
    boolean mayBegin() {
        long patience = context.settings().admissionTimeout().toNanos() / 2;
        boolean isLost = mayGoOn() && book.current().grantSeq() == 0 && lease.isLost(context.nanos(), patience);
        if (isLost) {
            book.nameCurrent(footing.policy());
        }
        return isLost && grace.isLeft(book.current(), footing.policy());
    }

    /** Somebody was admitted without the first grant: it is waited for no longer. */
    void begin() {
        lease.giveUpWaiting(context.nanos(), patienceNanos());
    }

    /** Lets loops draw beyond what was granted, or ends that; true if there is something to report for it. */
    boolean goOn(long nowNanos) {
        boolean does = mayGoOn() && isLost();
        if (does) {
            wentOnAtNanos = nowNanos;
            book.nameCurrent(footing.policy());
        }
        Account account = book.current();
        boolean lifts = does && account.period() != null && !account.isOver() && !account.isFinal();
        boolean ends = goesOn && !lifts;
        if (lifts) {
            account.drawSparingly(footing.policy().onControlLoss() == OnControlLoss.SAFE_RATE);
            grace.lift(account, footing.policy(), rate, nowNanos);
        } else if (ends) {
            account.drawSparingly(footing.trickle() != null);
            account.credit().endGrace();
        }
        goesOn = does;
        return ends;
    }

    boolean goesOn() {
        return goesOn;
    }

    /** Nanoseconds until {@link #goOn} must be called again; {@link Long#MAX_VALUE} if nothing goes on. */
    long nanosToDeadline(long nowNanos) {
        return goesOn ? wentOnAtNanos + GO_ON_NANOS - nowNanos : Long.MAX_VALUE;
    }
}
