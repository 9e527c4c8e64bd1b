package io.turnpike.node.usage;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Cumulative drops by reason of one event loop or one allocation. One thread writes; any thread may read a figure that
 * is at most one write old.
 */
public final class DropCounts {
    private static final DropReason[] REASONS = DropReason.values();

    /** Null until the first drop: most allocations never have one. */
    private volatile AtomicLongArray counts;

    /** Counts one drop. Confined to the owning event loop. */
    public void count(DropReason reason) {
        AtomicLongArray known = counts;
        if (known == null) {
            known = new AtomicLongArray(REASONS.length);
            counts = known;
        }
        int index = reason.ordinal();
        known.setOpaque(index, known.getPlain(index) + 1);
    }

    /** Drops counted so far for the reason. */
    public long get(DropReason reason) {
        AtomicLongArray known = counts;
        return known == null ? 0 : known.getOpaque(reason.ordinal());
    }

    /** The reasons that occurred, by label. */
    public Map<String, Long> byLabel() {
        if (counts == null) {
            return Map.of();
        }
        Map<String, Long> result = new LinkedHashMap<>();
        for (DropReason reason : REASONS) {
            long count = get(reason);
            if (count > 0) {
                result.put(reason.label(), count);
            }
        }
        return result;
    }
}
