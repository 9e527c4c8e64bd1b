package io.turnpike.node.quota;

import io.turnpike.contract.QuotaPeriod;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * One quota account of this process: the cap up to which it may draw, and what it has drawn (U). One atomic holds the
 * unspent rest, so that a draw, a cut and a grant can never disagree: U is always the cap less the rest.
 *
 * <p>Event loops draw and give back; everything else is guarded by the tenant that owns the account.
 */
final class Account {
    /** Largest slice of an event loop (DESIGN section 8). */
    static final long MAX_SLICE_BYTES = 64 * 1024;

    private final AtomicLong unspentBytes = new AtomicLong();
    /** Drawn by loops that did not need it: counted in U, and drawn first. */
    private final AtomicLong givenBackBytes = new AtomicLong();
    private final AtomicReferenceArray<Slice> slices;
    private final NodeContext context;
    private final Runnable lowWater;
    private volatile long refillBelowBytes;
    private volatile boolean sparing;
    private volatile long endMillis = Long.MAX_VALUE;

    private QuotaPeriod period;
    private long policyEpoch;
    private long capBytes;
    private long grantSeq;
    private long grantBytes;
    private long lastRaiseBytes;
    private boolean isFinal;
    private boolean asked;

    /**
     * @param period period of the account, or null until a grant names it
     * @param policyEpoch policy that the period follows
     * @param lowWater called by event loops when the rest falls below the refill mark; must not block
     */
    Account(QuotaPeriod period, long policyEpoch, NodeContext context, Runnable lowWater) {
        this.slices = new AtomicReferenceArray<>(context.settings().eventLoops());
        this.context = context;
        this.lowWater = lowWater;
        setPeriod(period, policyEpoch);
    }

    /** The slice of a loop; called on that loop only. */
    Slice slice(int loopIndex) {
        Slice slice = slices.get(loopIndex);
        if (slice == null) {
            slice = new Slice(this);
            slices.set(loopIndex, slice);
        }
        return slice;
    }

    /**
     * Draws a slice.
     *
     * @param neededBytes at least this much, or nothing
     * @return bytes drawn: 0, or {@code neededBytes} and more
     */
    long draw(long neededBytes) {
        if (!mayDraw()) {
            lowWater.run();
            return 0;
        }
        long most = sparing ? neededBytes : MAX_SLICE_BYTES;
        long found = drawGivenBack(Math.max(neededBytes, most));
        long missing = neededBytes - found;
        while (missing > 0) {
            long rest = unspentBytes.get();
            if (rest < missing) {
                takeBack(found);
                lowWater.run();
                return 0;
            }
            long size = Math.max(missing, Math.min(most, rest / (8L * slices.length())));
            if (unspentBytes.compareAndSet(rest, rest - size)) {
                found += size;
                missing = 0;
                if (rest - size < refillBelowBytes) {
                    lowWater.run();
                }
            }
        }
        return found;
    }

    /** The period binds draws, whether or not the report thread has seen its end yet (QUOTA.md rule 2). */
    private boolean mayDraw() {
        return !context.fenced().get() && context.clock().millis() < endMillis;
    }

    private long drawGivenBack(long mostBytes) {
        while (true) {
            long there = givenBackBytes.get();
            if (there == 0) {
                return 0;
            }
            long taken = Math.min(there, mostBytes);
            if (givenBackBytes.compareAndSet(there, there - taken)) {
                return taken;
            }
        }
    }

    /** Lets loops draw no more than they need, since what is left of it goes back soon. */
    void drawSparingly(boolean onlyNeeded) {
        sparing = onlyNeeded;
    }

    void takeBack(long bytes) {
        givenBackBytes.addAndGet(bytes);
    }

    /** Follows a grant that {@link #isNewer}: the cap becomes G, but never less than U (QUOTA.md rules 1 and 2). */
    void accept(QuotaGrant grant) {
        grantSeq = grant.grantSeq();
        long raise = grant.grantBytes() - capBytes;
        if (grant.grantBytes() > grantBytes) {
            lastRaiseBytes = grant.grantBytes() - Math.max(grantBytes, drawnBytes());
        }
        grantBytes = grant.grantBytes();
        // The policy that first named the period stays the account's: later grants of it carry later epochs.
        setPeriod(new QuotaPeriod(grant.periodId(), grant.periodStart(), grant.periodEnd()),
                isIn(grant.periodId()) ? policyEpoch : grant.policyEpoch());
        if (raise > 0) {
            capBytes += raise;
            unspentBytes.addAndGet(raise);
        } else if (raise < 0) {
            cutBy(-raise);
        }
    }

    boolean isNewer(QuotaGrant grant) {
        return grant.grantSeq() > grantSeq;
    }

    /**
     * Lowers the cap so that at most the given rest stays; atomic with draws, and never below U (QUOTA.md rule 1).
     *
     * @return whether the cap is lower now
     */
    boolean giveUp(long keptBytes) {
        while (true) {
            long rest = unspentBytes.get();
            if (rest <= keptBytes) {
                return false;
            }
            if (unspentBytes.compareAndSet(rest, keptBytes)) {
                capBytes -= rest - keptBytes;
                return true;
            }
        }
    }

    private void cutBy(long bytes) {
        while (true) {
            long rest = unspentBytes.get();
            long cut = Math.min(bytes, rest);
            if (cut <= 0) {
                return;
            }
            if (unspentBytes.compareAndSet(rest, rest - cut)) {
                capBytes -= cut;
                return;
            }
        }
    }

    /** Books what the loops forwarded without a grant, so that a later grant has to cover it. */
    void bookUnbound() {
        long unbooked = 0;
        for (int i = 0; i < slices.length(); i++) {
            Slice slice = slices.get(i);
            unbooked += slice == null ? 0 : slice.takeUnbooked();
        }
        if (unbooked > 0) {
            unspentBytes.addAndGet(-unbooked);
        }
    }

    /** Gives everything back for good: no grant is accepted any more (QUOTA.md rule 4). */
    void makeFinal() {
        isFinal = true;
        bookUnbound();
        giveUp(0);
    }

    /** Whether a loop holds credit of which it has spent nothing since the last call. */
    boolean hasIdleSlice(int loopIndex) {
        Slice slice = slices.get(loopIndex);
        return slice != null && slice.isIdle() && slice.remainingBytes() > 0;
    }

    long refillBelowBytes() {
        return refillBelowBytes;
    }

    void setRefillBelowBytes(long bytes) {
        refillBelowBytes = bytes;
    }

    /** The cap as it is reported: not below U, where bytes were forwarded without a grant. */
    long capBytes() {
        return Math.max(capBytes, drawnBytes());
    }

    /** U. Loops may draw on meanwhile; the figure was true at some instant of this call. */
    long drawnBytes() {
        return capBytes - unspentBytes.get();
    }

    long spentBytes() {
        long spent = 0;
        for (int i = 0; i < slices.length(); i++) {
            Slice slice = slices.get(i);
            spent += slice == null ? 0 : slice.spentBytes();
        }
        return spent;
    }

    long refusedBytes() {
        long refused = 0;
        for (int i = 0; i < slices.length(); i++) {
            Slice slice = slices.get(i);
            refused += slice == null ? 0 : slice.refusedBytes();
        }
        return refused;
    }

    /** Credit that is not drawn. */
    long unspentBytes() {
        return Math.max(0, unspentBytes.get());
    }

    /** Credit that a loop could have now. */
    long availableBytes() {
        return unspentBytes() + givenBackBytes.get();
    }

    /** Notes that a report asked the ledger for credit, which may be on its way. */
    void setAsked() {
        asked = true;
    }

    /** Whether the ledger knows, or should know, of this account. */
    boolean isWorthClosing() {
        return asked || grantSeq > 0 || drawnBytes() > 0;
    }

    /** Whether the ledger still charges more than this node could spend, as far as the node knows. */
    boolean hasUnacknowledgedReturn() {
        return grantBytes > capBytes();
    }

    QuotaPeriod period() {
        return period;
    }

    boolean isIn(String periodId) {
        return period != null && period.id().equals(periodId);
    }

    /** Epoch of the policy that named the period. */
    long policyEpoch() {
        return policyEpoch;
    }

    final void setPeriod(QuotaPeriod period, long policyEpoch) {
        this.period = period;
        this.policyEpoch = policyEpoch;
        endMillis = period == null ? Long.MAX_VALUE : period.end().toEpochMilli();
    }

    boolean isOver() {
        return context.clock().millis() >= endMillis;
    }

    long grantSeq() {
        return grantSeq;
    }

    long grantBytes() {
        return grantBytes;
    }

    long lastRaiseBytes() {
        return lastRaiseBytes;
    }

    boolean isFinal() {
        return isFinal;
    }
}
