package io.turnpike.telemetry.ledger.share;

/** What one process has of a divided capacity, and what it needs. Confined to one division. */
final class Stake {
    /** What it uses and waits for: before anybody gets more than that, all get it. */
    final long need;
    /** What it may have beyond, out of what nobody needs. */
    final long spare;
    private final long grantedBefore;
    private long granted;
    private long held;

    /**
     * @param granted its newest share
     * @param held most that it may still use: its newest share, or a larger one that it has not yet left
     */
    Stake(long need, long spare, long granted, long held) {
        this.need = need;
        this.spare = spare;
        this.grantedBefore = granted;
        this.granted = granted;
        this.held = held;
    }

    /** Its share. */
    long granted() {
        return granted;
    }

    /** What counts against the capacity: a cut counts only when it is acknowledged. */
    long held() {
        return held;
    }

    boolean hasChanged() {
        return granted != grantedBefore;
    }

    void raiseTo(long share) {
        granted = share;
        held = Math.max(held, share);
    }

    void cutTo(long share) {
        granted = share;
    }
}
