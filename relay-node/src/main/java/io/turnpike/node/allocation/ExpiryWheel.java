package io.turnpike.node.allocation;

import java.time.Duration;

/**
 * Runs out lifetimes: one hashed wheel per event loop for allocations, permissions, channels, reservations and usage
 * samples. An entry never runs early, and at most one tick late. Confined to its event loop.
 */
public final class ExpiryWheel {
    private final Expiring[] slots;
    private final long tickNanos;
    private final long startNanos;
    private final Expiring due = new Sentinel();
    private long currentTick;

    /**
     * Makes an empty wheel.
     *
     * @param tick resolution
     * @param slotCount slots; entries further ahead than {@code tick * slotCount} go round again
     * @param nowNanos the monotonic clock now
     */
    public ExpiryWheel(Duration tick, int slotCount, long nowNanos) {
        if (tick.isNegative() || tick.isZero() || slotCount < 1) {
            throw new IllegalArgumentException("a wheel needs a positive tick and at least one slot");
        }
        tickNanos = tick.toNanos();
        startNanos = nowNanos;
        slots = new Expiring[slotCount];
        for (int i = 0; i < slotCount; i++) {
            slots[i] = new Sentinel();
        }
    }

    /** Sets or moves the deadline. A later deadline costs one assignment: the entry moves when its old slot comes up. */
    public void schedule(Expiring entry, long deadlineNanos) {
        boolean linked = entry.next != null;
        boolean later = linked && deadlineNanos - entry.deadlineNanos() >= 0;
        entry.setDeadlineNanos(deadlineNanos);
        if (!later) {
            unlink(entry);
            link(slotOf(deadlineNanos), entry);
        }
    }

    /** Forgets the entry; it will not run. */
    public void cancel(Expiring entry) {
        unlink(entry);
    }

    /** Runs every entry whose deadline has passed. */
    public void advance(long nowNanos) {
        long target = Math.floorDiv(nowNanos - startNanos, tickNanos);
        long first = Math.max(currentTick + 1, target - slots.length + 1);
        for (long tick = first; tick <= target; tick++) {
            currentTick = tick;
            turn(slots[(int) Math.floorMod(tick, (long) slots.length)], nowNanos);
        }
    }

    private void turn(Expiring slot, long nowNanos) {
        // The slot's chain is moved aside, so that entries scheduled or cancelled meanwhile cannot disturb the walk.
        while (slot.next != slot) {
            Expiring entry = slot.next;
            unlink(entry);
            link(due, entry);
        }
        while (due.next != due) {
            Expiring entry = due.next;
            unlink(entry);
            if (entry.isLive(nowNanos)) {
                link(slotOf(entry.deadlineNanos()), entry);
            } else {
                entry.expired(nowNanos);
            }
        }
    }

    private Expiring slotOf(long deadlineNanos) {
        long tick = Math.floorDiv(deadlineNanos - startNanos + tickNanos - 1, tickNanos);
        return slots[(int) Math.floorMod(Math.max(tick, currentTick + 1), (long) slots.length)];
    }

    private static void link(Expiring sentinel, Expiring entry) {
        entry.previous = sentinel.previous;
        entry.next = sentinel;
        sentinel.previous.next = entry;
        sentinel.previous = entry;
    }

    private static void unlink(Expiring entry) {
        if (entry.next == null) {
            return;
        }
        entry.previous.next = entry.next;
        entry.next.previous = entry.previous;
        entry.previous = null;
        entry.next = null;
    }

    private static final class Sentinel extends Expiring {
        Sentinel() {
            previous = this;
            next = this;
        }

        @Override
        protected void expired(long nowNanos) {
            throw new IllegalStateException("a sentinel has no deadline");
        }
    }
}
