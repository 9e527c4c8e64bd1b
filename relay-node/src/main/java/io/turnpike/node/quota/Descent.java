package io.turnpike.node.quota;

/**
 * How far a tenant's live allocations are down the {@link Ladder}. Guarded by the tenant; whether they must end is asked
 * by event loops.
 */
final class Descent {
    private final Ladder ladder;
    /** Since the first grant of the tail reserve; null before. */
    private Trickle trickle;
    private boolean silent;
    private long silentSinceNanos;
    private volatile boolean over;

    Descent(Ladder ladder) {
        this.ladder = ladder;
    }

    /** Notes a grant. */
    void granted(QuotaGrant grant, long nowNanos) {
        if (grant.exhausted() && grant.trickle() && trickle == null) {
            trickle = new Trickle(ladder, nowNanos);
        }
    }

    /** The quota is not exhausted any more, or another account is spent. */
    void begunAnew() {
        trickle = null;
    }

    /** The rate of the tail reserve, over or not; null if none of it was granted. */
    Trickle trickle() {
        return trickle;
    }

    boolean hasTrickled(long nowNanos) {
        return trickle != null && trickle.isOver(nowNanos);
    }

    /** What to ask for of an exhausted quota's tail reserve. */
    long wantBytes(Account account, int allocations, long nowNanos) {
        boolean due = !ladder.trickleTime().isZero() && !hasTrickled(nowNanos);
        return due ? Math.max(0, Trickle.soonBytes(ladder, allocations) - account.unspentBytes()) : 0;
    }

    /** Notes whether nothing can be sent now, for want of quota. */
    void isSilent(boolean now, long nowNanos) {
        if (now && !silent) {
            silentSinceNanos = nowNanos;
        }
        silent = now;
        over = now && nowNanos - silentSinceNanos >= ladder.endAfter().toNanos();
    }

    /** Whether the silence has lasted so long that allocations must end. */
    boolean isOver() {
        return over;
    }
}
