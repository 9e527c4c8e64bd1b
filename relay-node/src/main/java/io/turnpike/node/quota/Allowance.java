package io.turnpike.node.quota;

/**
 * What one allocation's data is debited from, before it is sent. Confined to the allocation's event loop; the credit
 * behind it belongs to the tenant and is drawn in slices that the tenant's allocations on one loop share. Where users have
 * quotas, it holds the user's allowance beside the tenant's.
 */
public final class Allowance {
    private final ScopedQuota quota;
    private final String userId;
    private final Lane lane;
    /** What the same data is debited from beside it; null while the policy counts no users. */
    private Allowance user;
    private boolean hasJoinedLate;
    private long joinedAtNanos;
    /** State of the quota's {@link Trickle}. */
    private long fullAgainNanos;
    private boolean closed;
    /** Null until a rate is capped. */
    private RateSlices toPeer;
    private RateSlices toClient;
    private boolean overRate;

    Allowance(ScopedQuota quota, String userId, Lane lane) {
        this.quota = quota;
        this.userId = userId;
        this.lane = lane;
        fullAgainNanos = lane.nanos();
        lane.opened();
    }

    /**
     * Debits bytes that are about to be sent.
     *
     * @param billableBytes by the tenant's billable rule, 0 or more
     * @param direction whose part of a rate they take
     * @return false if the quota does not cover them: they must be dropped
     */
    public boolean debit(int billableBytes, Direction direction) {
        return lane.debit(billableBytes, direction, this);
    }

    /**
     * Debits as much as the credit covers, of bytes that can wait for the rest: a stream's. What is refused is no drop, and
     * keeps the account asking for credit.
     *
     * @param billableBytes by the tenant's billable rule, 1 or more
     * @param direction whose part of a rate they take
     * @return what was debited, 0 to {@code billableBytes}
     */
    public int debitUpTo(int billableBytes, Direction direction) {
        return lane.debitUpTo(billableBytes, direction, this);
    }

    /**
     * Debits a message of a stream that a rate refuses, ahead of time: the stream must not be read on before the next tick.
     *
     * @return false if too much was sent ahead already, or no rate was in the way
     */
    public boolean debitAhead(int billableBytes, Direction direction) {
        return overRate && lane.debitAhead(billableBytes, direction, this);
    }

    /** Whether it was a rate that refused the last debit that was refused, and not the volume. */
    public boolean isOverRate() {
        return overRate;
    }

    boolean isWithin(Rates rates, int bytes, Direction direction) {
        overRate = !slicesOf(rates, direction).take(bytes);
        return !overRate;
    }

    int upTo(Rates rates, int bytes, Direction direction) {
        int part = slicesOf(rates, direction).takeUpTo(bytes);
        overRate = part < bytes;
        return part;
    }

    boolean isAhead(Rates rates, int bytes, Direction direction) {
        return slicesOf(rates, direction).takeAhead(bytes);
    }

    /** Lays back tokens of bytes that the volume did not cover. */
    void laysBack(Rates rates, int bytes, Direction direction) {
        overRate = false;
        if (rates != null) {
            slicesOf(rates, direction).giveBack(bytes);
        }
    }

    private RateSlices slicesOf(Rates rates, Direction direction) {
        if (toPeer == null || !toPeer.isOf(rates)) {
            RateBucket own = rates.ofAllocation();
            RateBucket ofUser = rates.ofUser(userId);
            toPeer = new RateSlices(rates, own, ofUser, Direction.CLIENT_TO_PEER, lane);
            toClient = new RateSlices(rates, own, ofUser, Direction.PEER_TO_CLIENT, lane);
        }
        return direction == Direction.CLIENT_TO_PEER ? toPeer : toClient;
    }

    /** Takes bytes off this allocation's share of a trickle. */
    boolean takesPart(Trickle trickle, int bytes) {
        long before = fullAgainNanos;
        fullAgainNanos = trickle.take(before, bytes, lane.nanos());
        return fullAgainNanos != before || bytes == 0;
    }

    /** Debits the user's quota too, from now on. */
    void join(Allowance ofUser) {
        user = ofUser;
    }

    /** The user's allowance; asked for only while the policy counts users. */
    Allowance user() {
        if (user == null || user.quota.isClosed()) {
            Allowance before = user;
            user = lane.allowanceOf(userId);
            hasJoinedLate = true;
            joinedAtNanos = lane.nanos();
            if (before != null && before != user) {
                before.close();
            }
        }
        return user;
    }

    /** Whether the tenant's or the user's quota has silenced the allocation for so long that it must end. */
    public boolean isOver() {
        return quota.isOver() || user != null && user.isOver();
    }

    /** Gives back the debit of bytes that a socket refused. */
    public void refund(int billableBytes) {
        lane.refund(billableBytes);
        if (user != null && lane.isPerUser() && wasDebited()) {
            user.refund(billableBytes);
        }
    }

    /** Whether what a socket refuses now was debited from this user's account, and not before it was joined. */
    private boolean wasDebited() {
        return !hasJoinedLate || lane.nanos() - joinedAtNanos > Lane.REFUND_PAUSE_NANOS;
    }

    private void closeSlices() {
        if (toPeer != null) {
            toPeer.close();
            toClient.close();
        }
    }

    /** Ends it when its allocation ends, or when none was made after all; repeated calls do nothing. */
    public void close() {
        if (!closed) {
            closed = true;
            closeSlices();
            lane.closed();
            quota.allocationEnded(userId);
            if (user != null) {
                user.close();
            }
        }
    }
}
