package io.turnpike.node.quota;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;

/**
 * Whether the ledger answers this node about one tenant (QUOTA.md rule 20), by the node's monotonic clock alone. What a
 * policy allows without the ledger begins when control {@link #isLost}: a question was not answered in time. A node that
 * has just begun, or stood still, asks first. What was leased has a {@link Lease} of its own.
 *
 * <p>Written under the tenant's guard; {@link #isLost} may be asked on any thread.
 */
final class ControlLease {
    private static final int MOST_QUESTIONS = 16;

    /** When what no answer has covered was asked, the oldest first; of later ones only the last is known. */
    private final Deque<Long> questions = new ArrayDeque<>();
    private volatile boolean asking;
    /** When the silence began: the oldest question that no answer has covered. */
    private volatile long silentSinceNanos;
    private long lastAskedNanos;
    private boolean hasStoodStill;
    private long stoodStillAtNanos;

    /** Notes that a report which must be answered goes out. */
    void asked(long nowNanos) {
        if (!asking) {
            questions.clear();
            silentSinceNanos = nowNanos;
            asking = true;
        }
        if (questions.size() < MOST_QUESTIONS) {
            questions.add(nowNanos);
        }
        lastAskedNanos = nowNanos;
    }

    /**
     * Notes a grant to this process, newer or a repetition. Grants may come in any order and twice.
     *
     * @param reportNanos this node's monotonic clock in the report that it answers
     * @return how long ago that report asked; empty if it asked nothing, or its question is answered already
     */
    OptionalLong answered(long reportNanos, long nowNanos) {
        boolean fromTheFuture = reportNanos - nowNanos > 0;
        boolean beforeStandingStill = hasStoodStill && reportNanos - stoodStillAtNanos < 0;
        boolean isAnswer = asking && questions.contains(reportNanos);
        if (fromTheFuture || beforeStandingStill) {
            return OptionalLong.empty();
        }
        OptionalLong waited = isAnswer ? OptionalLong.of(nowNanos - reportNanos) : OptionalLong.empty();
        if (lastAskedNanos - reportNanos <= 0) {
            asking = false;
        } else if (reportNanos - silentSinceNanos >= 0) {
            while (!questions.isEmpty() && questions.peek() - reportNanos <= 0) {
                questions.remove();
            }
            silentSinceNanos = questions.isEmpty() ? reportNanos : questions.peek();
        }
        return waited;
    }

    /** Waits no longer for the answer to what was asked. */
    void giveUpWaiting(long nowNanos, long patienceNanos) {
        if (nowNanos - silentSinceNanos < patienceNanos) {
            silentSinceNanos = nowNanos - patienceNanos;
        }
    }

    /** Nothing is asked any more: that the ledger is silent says nothing from now on. */
    void needsNothing() {
        asking = false;
    }

    /** This process stood still, and nobody knows for how long: what was asked before counts no more. */
    void stoodStill(long nowNanos) {
        hasStoodStill = true;
        stoodStillAtNanos = nowNanos;
        asking = false;
    }

    /**
     * Whether the ledger is away.
     *
     * @param patienceNanos how long it may take for an answer
     */
    boolean isLost(long nowNanos, long patienceNanos) {
        return asking && nowNanos - silentSinceNanos >= patienceNanos;
    }
}
