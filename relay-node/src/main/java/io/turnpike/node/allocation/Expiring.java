package io.turnpike.node.allocation;

/**
 * Something with a deadline on the monotonic clock, kept by an {@link ExpiryWheel}. The links are part of the object so
 * that refreshing a permission allocates nothing.
 */
public abstract class Expiring {
    /** Links of the wheel's slot; both null while not scheduled. */
    Expiring previous;
    Expiring next;
    private long deadlineNanos;

    /** Called once by the wheel when the deadline has passed. */
    protected abstract void expired(long nowNanos);

    /** Whether the deadline is still ahead: exact, whatever the wheel's tick. */
    public final boolean isLive(long nowNanos) {
        return deadlineNanos - nowNanos > 0;
    }

    /** Deadline on the monotonic clock. */
    public final long deadlineNanos() {
        return deadlineNanos;
    }

    final void setDeadlineNanos(long deadlineNanos) {
        this.deadlineNanos = deadlineNanos;
    }
}
