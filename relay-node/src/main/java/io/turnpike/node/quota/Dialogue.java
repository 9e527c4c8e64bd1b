package io.turnpike.node.quota;

import io.turnpike.node.quota.UsageReports.Wish;

/**
 * When one quota reports to the ledger, and what it asks for. Guarded by the quota; event loops ask whether a call of theirs
 * is worth a report.
 */
final class Dialogue {
    private final NodeContext context;
    private final Footing footing;
    private final AccountBook book;
    private final Admissions admissions;
    private final UsageReports reports;
    private final ControlLease lease;
    private final SpendingRate rate;
    private final Refill refill = new Refill();
    private volatile boolean asked;
    /** Whether more was granted than is written down. */
    private volatile boolean withholds;
    private boolean mustReport;

    Dialogue(NodeContext context, Footing footing, AccountBook book, Admissions admissions, UsageReports reports,
            ControlLease lease, SpendingRate rate) {
        this.context = context;
        this.footing = footing;
        this.book = book;
        this.admissions = admissions;
        this.reports = reports;
        this.lease = lease;
        this.rate = rate;
    }

    /** Whether low credit is worth a call: a request that waits for its answer is not repeated. */
    boolean isWorthACall() {
        return !asked || withholds;
    }

    /** Reports at the next call, if something has come of what was done. */
    void reportIf(boolean isNews) {
        mustReport |= isNews;
    }

    boolean mustReport() {
        return mustReport;
    }

    /** What was asked was answered, or may be asked again. */
    void mayAskAgain() {
        asked = false;
    }

    /** Takes what a grant says of how short the ledger runs; a recall is followed at once. */
    void granted(Account account, QuotaGrant grant) {
        refill.granted(grant);
        if (grant.recall()) {
            mustReport |= refill.giveUpSurplus(account, rate, admissions.areAny());
        }
        mark(account);
    }

    /** Whether the ledger said last that it has little or nothing left. */
    boolean isQuotaShort() {
        return refill.isQuotaShort();
    }

    /** Tells the account's event loops when to call. */
    void mark(Account account) {
        refill.mark(account, rate);
        withholds = book.current().credit().withheldBytes() > 0;
    }

    /** QUOTA.md rule 17: idle holders return everything. */
    void returnIdleCredit(long now) {
        boolean idle = !admissions.isSomebodyWaiting() && isIdle(now);
        if (idle || !footing.isBound()) {
            mustReport |= book.current().giveUp(0) && footing.isBound();
        }
        if (idle && book.next() != null) {
            mustReport |= book.next().giveUp(0);
        }
    }

    private boolean isIdle(long now) {
        return rate.idleNanos(now) >= context.settings().idleReturn().toNanos();
    }

    /**
     * Reports and asks, if there is reason to.
     *
     * @param scheduled whether this is a report time
     * @param spent billable bytes forwarded in this node epoch
     */
    void speak(boolean scheduled, long spent, long now) {
        boolean wants = wants(now);
        if (mustReport || reports.mustReportShare() || wants && !asked
                || scheduled && (wants || reports.hasNews(spent, footing.isBound()))) {
            report(now, spent, wants);
        }
    }

    private boolean wants(long now) {
        boolean busy = admissions.allocations() > 0 && !isIdle(now);
        return footing.isBound() && footing.isSpendable()
                && (admissions.isSomebodyWaiting() && (footing.isShortOfGrants() || footing.isForLiveAllocations())
                        || busy && refill.isLow(book.current()));
    }

    private void report(long now, long spent, boolean wants) {
        reports.offer(now, spent, wants ? wish(now) : Wish.NONE, footing.acknowledgedPolicyEpoch(),
                rate.bytesPerSecond(), footing.isClosed());
        asked |= wants;
        mustReport = false;
        if (wants) {
            lease.asked(now);
        } else {
            lease.needsNothing();
        }
    }

    private Wish wish(long now) {
        return new Wish(refill.wantBytes(book.current(), rate),
                footing.wantedTailBytes(admissions.allocations(), now));
    }
}
