package io.turnpike.node.quota;

import io.turnpike.contract.QuotaPeriod;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * One quota account of this process: its {@link Credit}, the slices that event loops have drawn of it, and how it stands
 * with the ledger. Event loops draw and give back; everything else is guarded by the tenant that owns the account.
 */
final class Account {
    /** Largest slice of an event loop (DESIGN section 8). */
    static final long MAX_SLICE_BYTES = 64 * 1024;
    /** What a loop has drawn for a user and not spent stays charged when his calls have ended, so that it is little. */
    static final long MAX_USER_SLICE_BYTES = 8 * 1024;

    private final Credit credit;
    /** Drawn by loops that did not need it: counted in U, and drawn first. */
    private final AtomicLong givenBackBytes = new AtomicLong();
    private final AtomicReferenceArray<Slice> slices;
    private final NodeContext context;
    private final Runnable lowWater;
    private volatile long callBelowBytes;
    private volatile boolean sparing;
    private volatile long endMillis = Long.MAX_VALUE;

    private QuotaPeriod period;
    private long policyEpoch;
    private long refillBelowBytes;
    private final long mostSliceBytes;
    private long grantSeq;
    private long grantBytes;
    private long lastRaiseBytes;
    private boolean isFinal;
    private boolean asked;

    /**
     * @param period period of the account, or null until a grant names it
     * @param policyEpoch policy that the period follows
     * @param mostSliceBytes most that a loop draws ahead of its packets
     * @param lowWater called by event loops when the rest falls below the refill mark; must not block
     */
    Account(QuotaPeriod period, long policyEpoch, long mostSliceBytes, NodeContext context, Runnable lowWater) {
        this.mostSliceBytes = mostSliceBytes;
        this.slices = new AtomicReferenceArray<>(context.settings().eventLoops());
        this.context = context;
        this.lowWater = lowWater;
        this.credit = new Credit(context.spendLog().isPresent() ? 0 : Long.MAX_VALUE);
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
        long most = sparing ? neededBytes : mostSliceBytes;
        long found = drawGivenBack(Math.max(neededBytes, most));
        long missing = neededBytes - found;
        while (missing > 0) {
            long rest = credit.drawableBytes();
            if (rest < missing) {
                takeBack(found);
                lowWater.run();
                return 0;
            }
            long size = Math.max(missing, Math.min(most, rest / (8L * slices.length())));
            if (credit.draw(rest, size)) {
                found += size;
                missing = 0;
                if (rest - size < callBelowBytes) {
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

    /** How far loops may draw; drawn from by {@link #draw} only. */
    Credit credit() {
        return credit;
    }

    /** Follows a grant that {@link #isNewer}; true if it brings credit. */
    boolean accept(QuotaGrant grant) {
        boolean raises = isRaisedBy(grant);
        grantSeq = grant.grantSeq();
        if (raises) {
            lastRaiseBytes = grant.grantBytes() - Math.max(grantBytes, drawnBytes());
        }
        grantBytes = grant.grantBytes();
        // The policy that first named the period stays the account's: later grants of it carry later epochs.
        setPeriod(grant.period(), isIn(grant.periodId()) ? policyEpoch : grant.policyEpoch());
        credit.grantTo(grantBytes);
        return raises;
    }

    boolean isNewer(QuotaGrant grant) {
        return grant.grantSeq() > grantSeq;
    }

    /** Whether it is a newer grant, and of more than the last one. */
    boolean isRaisedBy(QuotaGrant grant) {
        return isNewer(grant) && grant.grantBytes() > grantBytes;
    }

    /** Gives credit back, see {@link Credit#giveUp}. */
    boolean giveUp(long keptBytes) {
        return credit.giveUp(keptBytes);
    }

    /** Books what the loops forwarded without a grant, so that a later grant has to cover it. */
    void bookUnbound() {
        long unbooked = 0;
        for (int i = 0; i < slices.length(); i++) {
            Slice slice = slices.get(i);
            unbooked += slice == null ? 0 : slice.takeUnbooked();
        }
        if (unbooked > 0) {
            credit.book(unbooked);
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

    /**
     * Sets below which unspent credit this account asks for more, and with it when event loops call.
     *
     * @param stepBytes how far ahead the ceiling is written
     */
    void setRefillBelowBytes(long bytes, long stepBytes) {
        refillBelowBytes = bytes;
        long withheld = credit.withheldBytes();
        callBelowBytes = withheld > 0 ? Math.max(bytes - withheld, stepBytes / 2) : bytes;
    }

    /** The cap as it is reported: not below U, where bytes were forwarded without a grant. */
    long capBytes() {
        return Math.max(credit.capBytes(), drawnBytes());
    }

    /** U, see {@link Credit#drawnBytes}. */
    long drawnBytes() {
        return credit.drawnBytes();
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

    /** Granted credit that is not drawn. */
    long unspentBytes() {
        return credit.unspentBytes();
    }

    /** Credit that a loop could have now. */
    long availableBytes() {
        return Math.max(0, credit.drawableBytes()) + givenBackBytes.get();
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
