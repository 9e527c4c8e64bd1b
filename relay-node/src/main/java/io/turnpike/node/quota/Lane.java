package io.turnpike.node.quota;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * One quota on one event loop: the slice that its allocations on this loop share. Confined to the loop.
 */
final class Lane {
    /** A send that is refused later than this after a change of account is not given back: it was the old account's. */
    static final long REFUND_PAUSE_NANOS = 60_000_000_000L;

    private final ScopedQuota quota;
    private final int loopIndex;
    private final Executor loop;
    private final LongSupplier nanoClock;
    /** What users' quotas refused of bytes that this one covered; one writer, the loop. */
    private final AtomicLong refusedForUsers = new AtomicLong();
    private Slice slice;
    private Rates ratesFollowed;
    private RateSlice rateToPeer;
    private RateSlice rateToClient;
    private boolean hasSwitched;
    private long switchedAtNanos;
    private int allowances;

    Lane(ScopedQuota quota, int loopIndex, Executor loop, LongSupplier nanoClock) {
        this.quota = quota;
        this.loopIndex = loopIndex;
        this.loop = loop;
        this.nanoClock = nanoClock;
    }

    /** QUOTA.md rule 18: where users have quotas, both are checked and then both are debited. */
    boolean debit(int bytes, Direction direction, Allowance by) {
        Footing.Standing standing = followed();
        boolean inRate = standing.rates() == null || by.isWithin(standing.rates(), bytes, direction);
        return inRate && debitInRate(bytes, direction, by, standing);
    }

    private boolean debitInRate(int bytes, Direction direction, Allowance by, Footing.Standing standing) {
        boolean covered = debitVolume(bytes, direction, by, standing);
        if (!covered) {
            by.laysBack(standing.rates(), bytes, direction);
        }
        return covered;
    }

    private boolean debitVolume(int bytes, Direction direction, Allowance by, Footing.Standing standing) {
        if (!covers(bytes, by, standing)) {
            slice.refuse(bytes);
            return false;
        }
        if (standing.perUser() && !debitUser(bytes, direction, by)) {
            refuseForUser(bytes);
            return false;
        }
        slice.spend(bytes, standing.bound());
        return true;
    }

    private boolean covers(int bytes, Allowance by, Footing.Standing standing) {
        boolean inTime = standing.trickle() == null || by.takesPart(standing.trickle(), bytes);
        return inTime && slice.covers(bytes, standing.bound());
    }

    private boolean debitUser(int bytes, Direction direction, Allowance by) {
        return by.user().debit(bytes, direction);
    }

    /** Nothing was debited here yet, so there is nothing to give back. */
    private void refuseForUser(int bytes) {
        refusedForUsers.setOpaque(refusedForUsers.getPlain() + bytes);
    }

    int debitUpTo(int bytes, Direction direction, Allowance by) {
        Footing.Standing standing = followed();
        int paced = standing.rates() == null ? bytes : by.upTo(standing.rates(), bytes, direction);
        int allowed = paced;
        while (standing.trickle() != null && allowed > 0 && !by.takesPart(standing.trickle(), allowed)) {
            allowed >>= 1;
        }
        int covered = slice.coverable(allowed, standing.bound());
        if (covered < paced) {
            quota.expectSpending();
        }
        int debited = standing.perUser() && covered > 0 ? by.user().debitUpTo(covered, direction) : covered;
        if (debited < paced) {
            by.laysBack(standing.rates(), paced - debited, direction);
        }
        slice.spend(debited, standing.bound());
        return debited;
    }

    /** As {@link #debit}, of a message that a stream sends before its tokens have come. */
    boolean debitAhead(int bytes, Direction direction, Allowance by) {
        Footing.Standing standing = followed();
        boolean inRate = standing.rates() != null && by.isAhead(standing.rates(), bytes, direction);
        return inRate && debitInRate(bytes, direction, by, standing);
    }

    /** Whether what is sent is debited from the user's quota too. */
    boolean isPerUser() {
        return quota.standing().perUser();
    }

    /** The allowance of a user whom the policy has begun to count, or whose quota was closed. */
    Allowance allowanceOf(String userId) {
        return quota.users().join(userId, loopIndex, loop);
    }

    /** The loop's slice of the tenant's rate for one direction, or null. */
    RateSlice sliceOf(Rates rates, Direction direction) {
        if (ratesFollowed != rates) {
            ratesFollowed = rates;
            rateToPeer = RateSlice.of(rates.ofTenant(), Direction.CLIENT_TO_PEER);
            rateToClient = RateSlice.of(rates.ofTenant(), Direction.PEER_TO_CLIENT);
        }
        return direction == Direction.CLIENT_TO_PEER ? rateToPeer : rateToClient;
    }

    private Footing.Standing followed() {
        Footing.Standing standing = quota.standing();
        if (slice == null || slice.account() != standing.account()) {
            follow(standing.account());
        }
        return standing;
    }

    void refund(int bytes) {
        boolean sameAccount = !hasSwitched || nanoClock.getAsLong() - switchedAtNanos > REFUND_PAUSE_NANOS;
        if (slice != null && sameAccount) {
            slice.refund(bytes);
        }
    }

    private void follow(Account account) {
        if (slice != null) {
            slice.giveBack();
            hasSwitched = true;
            switchedAtNanos = nanoClock.getAsLong();
        }
        slice = account.slice(loopIndex);
    }

    void opened() {
        allowances++;
    }

    void closed() {
        allowances--;
        if (allowances == 0) {
            giveBack();
        }
    }

    void giveBack() {
        if (slice != null) {
            slice.giveBack();
        }
    }

    long nanos() {
        return nanoClock.getAsLong();
    }

    long refusedForUsers() {
        return refusedForUsers.getOpaque();
    }

    ScopedQuota quota() {
        return quota;
    }

    int loopIndex() {
        return loopIndex;
    }

    Executor loop() {
        return loop;
    }
}
