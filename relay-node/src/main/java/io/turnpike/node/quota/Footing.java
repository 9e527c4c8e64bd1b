package io.turnpike.node.quota;

/**
 * What one quota stands on: its policy, what the ledger said last of the whole quota, and how far live allocations are down
 * the ladder. Guarded by the quota; the policy that loops follow, and whether the quota is closed, may be asked on any thread.
 */
final class Footing {
    /** Less credit than one datagram of this size admits nobody. */
    private static final long LEAST_CREDIT_BYTES = 1500;

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

    private final NodeContext context;
    private final AccountBook book;
    private final Descent descent;
    private final Footing tenant;
    private QuotaPolicy policy;
    private boolean policyKnown;
    private Heard heard = Heard.NOTHING;
    private volatile long followedPolicyEpoch;
    private volatile boolean closed;

    /**
     * @param policyKnown false while the policy may be no more than the default
     * @param tenant what the tenant's quota stands on, for a user's; null for the tenant's own
     */
    Footing(NodeContext context, AccountBook book, Descent descent, QuotaPolicy policy, boolean policyKnown,
            Footing tenant) {
        this.context = context;
        this.book = book;
        this.descent = descent;
        this.policy = policy;
        this.policyKnown = policyKnown;
        this.tenant = tenant;
    }

    QuotaPolicy policy() {
        return policy;
    }

    boolean isPolicyKnown() {
        return policyKnown;
    }

    void follow(QuotaPolicy newPolicy, boolean known) {
        policy = newPolicy;
        policyKnown = known;
        descent.begunAnew();
    }

    /** Every event loop follows the policy. */
    void loopsFollow() {
        followedPolicyEpoch = policy.policyEpoch();
    }

    /** Newest policy that every event loop followed. */
    long followedPolicyEpoch() {
        return followedPolicyEpoch;
    }

    /** A user's quota is enforced where the loops debit it, which they do when they follow the tenant's policy. */
    long acknowledgedPolicyEpoch() {
        return tenant == null ? followedPolicyEpoch : Math.min(followedPolicyEpoch, tenant.followedPolicyEpoch);
    }

    /** Takes what the ledger says of the whole quota; true if live allocations are off the ladder now. */
    boolean hear(Heard word) {
        boolean counts = word.policyEpoch() >= policy.policyEpoch();
        if (counts) {
            heard = word;
        }
        boolean isEased = counts && !word.exhausted();
        if (isEased) {
            descent.begunAnew();
        }
        return isEased;
    }

    /**
     * What event loops are to follow.
     *
     * @param hasUsers whether there may be quotas of users
     */
    Standing standing(boolean hasUsers, Rates rates) {
        return new Standing(book.current(), isBound(), descent.trickle(), hasUsers && policy.countsUsers(), rates);
    }

    void close() {
        closed = true;
    }

    /** Whether this quota gives nothing any more. */
    boolean isClosed() {
        return closed;
    }

    /** Whether a debit needs credit. */
    boolean isBound() {
        return closed || policy.enforcesVolume();
    }

    /** Whether credit may still be asked for, and spent. */
    boolean isSpendable() {
        return !closed && !context.fenced().get();
    }

    /** Whether nothing is left of the whole quota. */
    boolean hasRunOut() {
        return heard.isExhausted(policy, context.clock().instant());
    }

    /** Whether what is left of an exhausted quota is not for newcomers. */
    boolean isForLiveAllocations() {
        return descent.trickle() != null || hasRunOut();
    }

    /** Feedback: nothing is asked and nothing waits, what the ledger said last under this policy holds. */
    boolean refusesNewcomers() {
        return policy.refusesByState() && (hasRunOut() || policy.volumeBytes().getAsLong() == 0);
    }

    /** Whether there is too little credit to admit anybody. */
    boolean isShort() {
        return book.current().availableBytes() < leastCreditBytes();
    }

    /** What was granted and is being written down need not be asked for again. */
    boolean isShortOfGrants() {
        Account account = book.current();
        return account.availableBytes() + account.credit().withheldBytes() < leastCreditBytes();
    }

    private long leastCreditBytes() {
        return Math.max(1, Math.min(LEAST_CREDIT_BYTES, policy.volumeBytes().orElse(LEAST_CREDIT_BYTES)));
    }

    /** Notes a grant of the current account. */
    void granted(QuotaGrant grant) {
        descent.granted(grant, context.nanos());
    }

    /** Another account is spent. */
    void begunAnew() {
        descent.begunAnew();
    }

    /** The rate of the tail reserve, over or not; null if none of it was granted. */
    Trickle trickle() {
        return descent.trickle();
    }

    /** What to ask for of the tail reserve. */
    long wantedTailBytes(int allocations, long nowNanos) {
        return hasRunOut() ? descent.wantBytes(book.current(), allocations, nowNanos) : 0;
    }

    /** The last steps: when the trickle is over what is left of it goes back, and long silence ends allocations. */
    boolean climbDown(long nowNanos) {
        boolean hasTrickled = descent.hasTrickled(nowNanos);
        boolean hasGivenUp = hasTrickled && book.current().giveUp(0);
        descent.isSilent(isBound() && !closed && hasRunOut() && (hasTrickled || isShort()), nowNanos);
        return hasGivenUp;
    }
}
