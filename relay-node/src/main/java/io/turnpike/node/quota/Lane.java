package io.turnpike.node.quota;

import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * One tenant on one event loop: the slice that the tenant's allocations on this loop share. Confined to the loop.
 */
final class Lane {
    /** A send that is refused later than this after a change of account is not given back: it was the old account's. */
    private static final long REFUND_PAUSE_NANOS = 60_000_000_000L;

    private final ScopedQuota tenant;
    private final int loopIndex;
    private final Executor loop;
    private final LongSupplier nanoClock;
    private Slice slice;
    private boolean hasSwitched;
    private long switchedAtNanos;
    private int allowances;

    Lane(ScopedQuota tenant, int loopIndex, Executor loop, LongSupplier nanoClock) {
        this.tenant = tenant;
        this.loopIndex = loopIndex;
        this.loop = loop;
        this.nanoClock = nanoClock;
    }

    boolean debit(int bytes, Allowance by) {
        ScopedQuota.Standing standing = followed();
        if (standing.trickle() != null && !by.takesPart(standing.trickle(), bytes)) {
            slice.refuse(bytes);
            return false;
        }
        return slice.debit(bytes, standing.bound());
    }

    int debitUpTo(int bytes, Allowance by) {
        ScopedQuota.Standing standing = followed();
        int allowed = bytes;
        while (standing.trickle() != null && allowed > 0 && !by.takesPart(standing.trickle(), allowed)) {
            allowed >>= 1;
        }
        int debited = slice.debitUpTo(allowed, standing.bound());
        if (debited < bytes) {
            tenant.expectSpending();
        }
        return debited;
    }

    private ScopedQuota.Standing followed() {
        ScopedQuota.Standing standing = tenant.standing();
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

    int loopIndex() {
        return loopIndex;
    }

    Executor loop() {
        return loop;
    }
}
