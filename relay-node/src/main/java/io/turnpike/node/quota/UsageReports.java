package io.turnpike.node.quota;

import io.turnpike.node.event.NodeIdentity;
import io.turnpike.node.event.QuotaAccountState;
import io.turnpike.node.event.TenantUsageReported;
import java.util.ArrayList;
import java.util.List;

/** What one quota's reports say, and whether there is anything new to say. Guarded by the quota. */
final class UsageReports {
    private final Scope scope;
    private final NodeContext context;
    private final AccountBook book;
    private final Lanes lanes;
    private final Admissions admissions;
    private final Settlements settlements;
    private final TenantShare share;
    private long spentBytes;
    private long refusedAllocations;
    private int allocations;

    /**
     * Whose quota it is.
     *
     * @param userId empty for the tenant's own
     * @param opening number of this opening of a user's account; 0 for the tenant's
     */
    record Scope(String tenantId, String userId, long opening) {
        boolean isUser() {
            return !userId.isEmpty();
        }

        /** Whether a claim is of this quota. */
        boolean isOf(SpendLog.Claim claim) {
            return claim.tenantId().equals(tenantId) && claim.userId().equals(userId);
        }
    }

    UsageReports(Scope scope, NodeContext context, AccountBook book, Lanes lanes, Admissions admissions,
            Settlements settlements, TenantShare share) {
        this.scope = scope;
        this.context = context;
        this.book = book;
        this.lanes = lanes;
        this.admissions = admissions;
        this.settlements = settlements;
        this.share = share;
    }

    /**
     * Whether a report is due.
     *
     * @param spent billable bytes forwarded in this node epoch
     * @param bound whether data needs a grant
     */
    boolean hasNews(long spent, boolean bound) {
        Account account = book.current();
        Account next = book.next();
        boolean owes = bound && account.hasUnacknowledgedReturn() || next != null && next.hasUnacknowledgedReturn()
                || bound && book.parked().stream().anyMatch(Account::hasUnacknowledgedReturn);
        return owes || !settlements.areDone() || share.hasNews() || book.holdsCredit()
                || !book.closed().unsettled().isEmpty()
                || spent != spentBytes || !scope.isUser() && hasNewsOfAllocations();
    }

    /** Whether the share must be reported at once. */
    boolean mustReportShare() {
        return share.mustReport();
    }

    /** The end of the last one is news too: whoever reads the reports would count it for ever. */
    private boolean hasNewsOfAllocations() {
        return admissions.allocations() > 0 || admissions.allocations() != allocations
                || admissions.refused() != refusedAllocations;
    }

    /**
     * Reports all accounts.
     *
     * @param wish what is asked for
     * @param policyEpoch policy that every event loop follows
     */
    void offer(long nowNanos, long spent, Wish wish, long policyEpoch, long bytesPerSecond, boolean closed) {
        List<QuotaAccountState> states = new ArrayList<>(settlements.reports());
        Line line = new Line(context.node(), scope, policyEpoch, bytesPerSecond);
        book.closed().unsettled().forEach(account -> states.add(line.of(account, Wish.NONE)));
        book.parked().forEach(account -> states.add(line.of(account, Wish.NONE)));
        Account account = book.current();
        if (wish.isAny()) {
            account.setAsked();
        }
        if (!closed && (account.period() != null || wish.isAny())) {
            states.add(line.of(account, wish));
        }
        if (book.next() != null) {
            states.add(line.of(book.next(), Wish.NONE));
        }
        context.reports()
                .offer(new TenantUsageReported(context.clock().instant(), scope.tenantId(), scope.userId(), nowNanos,
                        policyEpoch, states, spent, admissions.allocations(), admissions.users(), admissions.refused(),
                        book.refusedBytes() + lanes.refusedForUsers(), share.report(nowNanos)));
        spentBytes = spent;
        refusedAllocations = admissions.refused();
        allocations = admissions.allocations();
    }

    /**
     * What an account asks for.
     *
     * @param bytes beyond its unspent credit, 0 for nothing
     * @param tailBytes of the tail reserve, 0 for nothing
     */
    record Wish(long bytes, long tailBytes) {
        static final Wish NONE = new Wish(0, 0);

        boolean isAny() {
            return this != NONE;
        }
    }

    private record Line(NodeIdentity node, Scope scope, long policyEpoch, long bytesPerSecond) {
        QuotaAccountState of(Account account, Wish wish) {
            // The cap is read before U, and U only grows: a draw between the two cannot make the rest look larger.
            long capBytes = account.capBytes();
            long drawnBytes = account.drawnBytes();
            return new QuotaAccountState(node.epoch(), node.processNonce(),
                    account.period() == null ? "" : account.period().id(), scope.userId(), policyEpoch,
                    account.grantSeq(), Math.max(capBytes, drawnBytes), drawnBytes,
                    Math.min(account.spentBytes(), drawnBytes), wish.bytes(), bytesPerSecond, account.isFinal(),
                    scope.opening(), wish.tailBytes(), account.credit().ungrantedBytes(drawnBytes));
        }
    }
}
