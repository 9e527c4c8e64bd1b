package io.turnpike.telemetry.ledger;

import java.time.Duration;

/** The numbers of the quota protocol (DESIGN section 8, QUOTA.md), each once. */
final class QuotaRules {
    /** Smallest grant while that much is free, and the unit of slow start. */
    static final long FLOOR_BYTES = 16 * 1024;
    /** Smallest grant of the tail reserve while that much is left. */
    static final long TAIL_FLOOR_BYTES = 4 * 1024;
    /** A grant far from the limit holds at least this. */
    static final long ORDINARY_BYTES = 1024 * 1024;
    /** A grant far from the limit lasts this long at the rate of the node. */
    static final Duration HORIZON = Duration.ofSeconds(300);
    /** A node asks again when its unspent credit falls below this much of its rate. */
    static final Duration REFILL_HORIZON = Duration.ofSeconds(5);
    /** Lease of a grant, on the node's clock from the send time of the report that it answers. */
    static final Duration LEASE = Duration.ofSeconds(300);
    /** A node that holds credit gets its lease renewed this often. */
    static final Duration RENEWAL = LEASE.dividedBy(10);
    /** A grant that the node does not name after this long is sent again. */
    static final Duration REPEAT = Duration.ofSeconds(1);
    /** A node that asks is answered at least this often, also where it gets nothing: silence means that control is lost. */
    static final Duration ANSWER = Duration.ofSeconds(2);
    /** The same node is asked to return credit at most this often. */
    static final Duration RECALL_INTERVAL = Duration.ofSeconds(5);
    /** A process that has not reported for this long does not count as live. */
    static final Duration SILENCE = Duration.ofSeconds(15);
    /** Reports of an older process may bear times this far behind the newer one's first: clocks step, reports queue. */
    static final Duration SUCCESSION = Duration.ofSeconds(5);
    /** A hard quota counts as arming at least this long after it was switched on. */
    static final Duration ARMING = Duration.ofSeconds(5);
    /** From a byte to the nodes that hear of it under SOFT: a report interval, a transaction, a poll, and as much again. */
    static final Duration FEEDBACK = Duration.ofSeconds(3);
    /** The next period's first grants spread over this time before the last lease of the period begins. */
    static final Duration EARLY_JITTER = Duration.ofSeconds(60);
    /** No process spends more in a period; a report that says so is cut to it, so that sums cannot overflow. */
    static final long MOST_BYTES_OF_ACCOUNT = 1L << 50;
    /** Share of the volume in per cent below which free credit is called back. */
    static final int RECALL_PERCENT = 5;

    private QuotaRules() {}

    /**
     * What must be free before an exhausted quota opens again: a remainder too small to carry calls would admit
     * allocations only to cut them at once. Below half a per cent of the volume.
     */
    static long reopenBytes(long volumeBytes) {
        return Math.min(FLOOR_BYTES, Math.max(1, volumeBytes / 256));
    }
}
