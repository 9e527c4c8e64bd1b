package io.turnpike.node.quota;

/**
 * How long a share holds, on this process's monotonic clock, from the sending of the report that it answers (QUOTA.md rule
 * 20). Guarded by the tenant.
 */
final class Lease {
    private boolean held;
    private long endNanos;

    /** A share was accepted; an older promise stands where it is longer. */
    void heldUntil(long leaseEndNanos) {
        endNanos = held && endNanos - leaseEndNanos > 0 ? endNanos : leaseEndNanos;
        held = true;
    }

    /** This process stood still, and nobody knows for how long: what was promised before is over. */
    void stoodStill(long nowNanos) {
        if (holds(nowNanos)) {
            endNanos = nowNanos;
        }
    }

    /** There is none any more, and never was. */
    void givenUp() {
        held = false;
    }

    /** Whether there was one, over or not. */
    boolean wasHeld() {
        return held;
    }

    long endNanos() {
        return endNanos;
    }

    boolean holds(long nowNanos) {
        return held && nowNanos - endNanos < 0;
    }
}
