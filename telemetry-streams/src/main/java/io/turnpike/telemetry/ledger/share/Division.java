package io.turnpike.telemetry.ledger.share;

import java.util.List;

/**
 * Moves shares towards a fair division: raises who lacks something out of what is free, and where that is not enough cuts
 * who has more than its part. What is cut is free only when its holder has acknowledged the cut, or when its lease is over;
 * so the sum of what anybody may still use stays within the capacity.
 */
final class Division {
    private final long capacity;
    private final List<Stake> stakes;
    private final long step;
    private final long spareStep;
    private final long[] parts;

    private Division(long capacity, List<Stake> stakes, long step, long spareStep, long kept) {
        this.capacity = capacity;
        this.stakes = stakes;
        this.step = step;
        this.spareStep = spareStep;
        parts = MaxMin.divide(capacity, stakes.stream().mapToLong(stake -> stake.need).toArray());
        long rest = capacity;
        for (long part : parts) {
            rest -= part;
        }
        long[] spares = MaxMin.divide(rest - rest / kept, stakes.stream().mapToLong(stake -> stake.spare).toArray());
        for (int i = 0; i < parts.length; i++) {
            parts[i] += spares[i];
        }
    }

    /** Divides bits per second: what nobody needs is spread, but an eighth that waits for newcomers. */
    static void ofRate(long bitsPerSecond, List<Stake> stakes) {
        new Division(bitsPerSecond, stakes, Math.max(1, bitsPerSecond / 128), Math.max(1, bitsPerSecond / 16), 8)
                .move();
    }

    /** Divides slots. */
    static void ofSlots(int slots, List<Stake> stakes) {
        new Division(slots, stakes, 1, 1, Long.MAX_VALUE).move();
    }

    private void move() {
        boolean somebodyLacks = false;
        for (int i = 0; i < parts.length; i++) {
            long due = Math.min(stakes.get(i).need, parts[i]);
            if (due - stakes.get(i).granted() >= step) {
                raise(stakes.get(i), parts[i]);
                somebodyLacks |= due - stakes.get(i).granted() >= step;
            }
        }
        if (grantedSum() > capacity) {
            cut(1);
        } else if (somebodyLacks) {
            cut(step);
        }
        for (int i = 0; i < parts.length; i++) {
            if (parts[i] - stakes.get(i).granted() >= spareStep && stakes.get(i).need > 0) {
                raise(stakes.get(i), parts[i]);
            }
        }
    }

    /** Within what the others leave: what it is said to hold may be as old as the report that said so. */
    private void raise(Stake stake, long part) {
        long most = stake.held() + free();
        stake.raiseTo(Math.max(stake.granted(), Math.min(part, most)));
    }

    /** Takes from everybody what he has beyond his part, where that is worth a record. */
    private void cut(long least) {
        for (int i = 0; i < parts.length; i++) {
            if (stakes.get(i).granted() - parts[i] >= least) {
                stakes.get(i).cutTo(parts[i]);
            }
        }
    }

    private long free() {
        return capacity - stakes.stream().mapToLong(Stake::held).sum();
    }

    private long grantedSum() {
        return stakes.stream().mapToLong(Stake::granted).sum();
    }
}
