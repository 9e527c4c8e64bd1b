package io.turnpike.node.quota;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How far an account's event loops may draw, and what they have drawn (U). One atomic holds the rest, so that a draw, a cut
 * and a grant can never disagree: U is always the limit less the rest.
 *
 * <p>The limit is the cap (what was granted and not given back) and the grace beyond it (what the node adds while control
 * is lost, QUOTA.md rule 10), as far as the ceiling on disk allows: a process that is killed must not have drawn more than
 * it had written down (rule 3).
 *
 * <p>Event loops draw; everything else is guarded by the tenant that owns the account.
 */
final class Credit {
    private final AtomicLong drawableBytes = new AtomicLong();
    private long capBytes;
    private long graceBytes;
    private long liftedBytes;
    private long limitBytes;
    private long ceilingBytes;

    /** @param ceilingBytes how far loops may draw before anything is written down */
    Credit(long ceilingBytes) {
        this.ceilingBytes = ceilingBytes;
    }

    /** What a loop could draw now; negative after bytes were forwarded without a grant. */
    long drawableBytes() {
        return drawableBytes.get();
    }

    /** Draws; false if another loop was faster. Called by event loops. */
    boolean draw(long seenDrawableBytes, long bytes) {
        return drawableBytes.compareAndSet(seenDrawableBytes, seenDrawableBytes - bytes);
    }

    /** Counts bytes that were forwarded without a grant as drawn. */
    void book(long bytes) {
        drawableBytes.addAndGet(-bytes);
    }

    /** Lets G be the cap, but never less than U, and ends the grace (QUOTA.md rules 1 and 2). */
    void grantTo(long grantBytes) {
        endGrace();
        capBytes = grantBytes;
        graceBytes = 0;
        moveLimit();
        capBytes = Math.max(capBytes, limitBytes);
    }

    /**
     * Lowers the cap so that at most the given rest stays; atomic with draws, and never below U (QUOTA.md rule 1).
     *
     * @return whether the cap is lower now
     */
    boolean giveUp(long keptBytes) {
        long surplus = lowerTo(0, keptBytes);
        long ofGrace = Math.min(graceBytes, surplus);
        withdraw(ofGrace);
        capBytes -= surplus - ofGrace;
        return surplus > ofGrace;
    }

    /** Lets loops draw beyond the cap, of the node's own accord. */
    void lift(long bytes) {
        graceBytes += bytes;
        liftedBytes += bytes;
        moveLimit();
    }

    /** Takes back what of the grace is not drawn. */
    void endGrace() {
        withdraw(lowerTo(capBytes, 0));
    }

    private void withdraw(long bytes) {
        graceBytes -= bytes;
        liftedBytes -= bytes;
    }

    /** Lowers cap and grace together, but not below a floor nor below U and what is kept; by how much is the caller's to book. */
    private long lowerTo(long floorBytes, long keptBytes) {
        while (true) {
            long rest = drawableBytes.get();
            long drawn = limitBytes - rest;
            long total = Math.max(drawn + keptBytes, floorBytes);
            long surplus = capBytes + graceBytes - total;
            if (surplus <= 0) {
                return 0;
            }
            long limit = Math.max(drawn, Math.min(total, limitBytes));
            if (drawableBytes.compareAndSet(rest, limit - drawn)) {
                limitBytes = limit;
                return surplus;
            }
        }
    }

    /** Moves the limit to where cap, grace and ceiling want it; atomic with draws, and never below U. */
    private void moveLimit() {
        long raise = wantedLimitBytes() - limitBytes;
        if (raise > 0) {
            limitBytes += raise;
            drawableBytes.addAndGet(raise);
        } else {
            limitBytes -= cut(-raise);
        }
    }

    private long wantedLimitBytes() {
        return Math.min(capBytes + graceBytes, ceilingBytes);
    }

    private long cut(long mostBytes) {
        while (true) {
            long rest = drawableBytes.get();
            long cut = Math.min(mostBytes, rest);
            if (cut <= 0) {
                return 0;
            }
            if (drawableBytes.compareAndSet(rest, rest - cut)) {
                return cut;
            }
        }
    }

    /**
     * What to write down as the most that is drawn until the next time. From now on no more is drawn than that.
     *
     * @param stepBytes how far ahead of U
     */
    long proposeCeiling(long stepBytes) {
        long drawn = drawnBytes();
        long ahead = Math.min(capBytes + graceBytes, drawn + stepBytes);
        long ceiling = Math.max(Math.max(limitBytes, drawn), ahead);
        ceilingBytes = Math.min(ceilingBytes, ceiling);
        return ceiling;
    }

    /** A ceiling is on disk; or {@link Long#MAX_VALUE}: nothing is, so that nothing will be settled by it. */
    void setCeiling(long bytes) {
        ceilingBytes = bytes;
        moveLimit();
    }

    /** What was granted and not given back. */
    long capBytes() {
        return capBytes;
    }

    /** U. Loops may draw on meanwhile; the figure was true at some instant of this call. */
    long drawnBytes() {
        return limitBytes - drawableBytes.get();
    }

    /** What may be drawn as soon as it is written down. */
    long withheldBytes() {
        return Math.max(0, capBytes + graceBytes - limitBytes);
    }

    /** Cap and grace less U, not below 0. */
    long restBytes() {
        return Math.max(0, capBytes + graceBytes - drawnBytes());
    }

    /** Granted credit that is not drawn. */
    long unspentBytes() {
        return Math.max(0, capBytes - drawnBytes());
    }

    /** What was drawn, or may be, beyond grants since the account began. */
    long liftedBytes() {
        return liftedBytes;
    }

    /**
     * What was drawn beyond grants since the account began; never falls.
     *
     * @param drawnBytes U, which may have grown since it was read
     */
    long ungrantedBytes(long drawnBytes) {
        return liftedBytes - Math.min(graceBytes, Math.max(0, capBytes + graceBytes - drawnBytes));
    }
}
