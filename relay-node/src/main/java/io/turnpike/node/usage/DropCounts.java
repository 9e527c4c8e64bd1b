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

    private final AtomicLongArray counts = new AtomicLongArray(REASONS.length);

    /** Counts one drop. Confined to the owning event loop. */
    public void count(DropReason reason) {
        int index = reason.ordinal();
        counts.setOpaque(index, counts.getPlain(index) + 1);
    }

    /** Drops counted so far for the reason. */
    public long get(DropReason reason) {
        return counts.getOpaque(reason.ordinal());
    }

    /** The reasons that occurred, by label. */
    public Map<String, Long> byLabel() {
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
