package io.turnpike.node.quota;

import io.turnpike.node.quota.SpendLog.Claim;
import io.turnpike.node.quota.UsageReports.Scope;

/** How far one quota's accounts may be spent before more is written down: what {@link SpendAhead} asks. Guarded by the quota. */
final class Ceilings {
    private final Scope scope;
    private final NodeContext context;
    private final Footing footing;
    private final AccountBook book;
    private final Settlements settlements;
    private final Grace grace;
    private final SpendingRate rate;

    Ceilings(Scope scope, NodeContext context, Footing footing, AccountBook book, Settlements settlements, Grace grace,
            SpendingRate rate) {
        this.scope = scope;
        this.context = context;
        this.footing = footing;
        this.book = book;
        this.settlements = settlements;
        this.grace = grace;
        this.rate = rate;
    }

    /** Whether what may be spent must be written down before it is. */
    boolean mustWriteDown() {
        long step = SpendAhead.stepBytes(rate);
        return footing.policy().enforcesVolume() && (grace.needsReserve() || book.all().map(Account::credit)
                .anyMatch(credit -> credit.withheldBytes() > 0 && credit.drawableBytes() < step / 2));
    }

    /** What to write down; nothing beyond it is drawn until it is. */
    SpendAhead.Proposal propose() {
        book.bookUnbound();
        SpendAhead.Proposal proposal = SpendAhead.Proposal
                .of(grace.proposal(book.current(), footing.policy(), context.clock().instant()));
        proposal.claims().addAll(settlements.claims());
        long step = SpendAhead.stepBytes(rate);
        book.all().filter(account -> account.period() != null && account.isWorthClosing()).forEach(account -> {
            long ceiling = account.credit().proposeCeiling(step);
            proposal.ceilings().put(account, ceiling);
            proposal.claims().add(new Claim(context.node().epoch(), context.node().processNonce(), scope.tenantId(),
                    scope.userId(), account.period().id(), footing.followedPolicyEpoch(), account.grantSeq(), ceiling,
                    account.credit().liftedBytes()));
        });
        return proposal;
    }

    /** A proposal is on disk, or is not. */
    void writtenDown(SpendAhead.Proposal proposal, SpendLog.Outcome outcome) {
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
    }
}
