package io.turnpike.node.quota;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Whether the ledger stands behind what it told this node of one tenant (QUOTA.md rule 20), by the node's monotonic clock
 * alone. A lease runs from the sending of the report that a grant answers, never from the grant's arrival. What was leased
 * (shares of a rate, slots) may be used while it {@link #isHeld}; volume credit does not depend on it. What a policy allows
 * without the ledger begins when control {@link #isLost}: a question was not answered in time. Between the two a node
 * neither uses what was leased nor goes on without the ledger: it has just begun, or stood still, and asks first.
 *
 * <p>Written under the tenant's guard; {@link #isHeld} and {@link #isLost} may be asked on any thread.
 */
final class ControlLease {
    private static final int MOST_QUESTIONS = 16;

    /** When what no answer has covered was asked, the oldest first; of later ones only the last is known. */
    private final Deque<Long> questions = new ArrayDeque<>();
    private volatile boolean held;
    private volatile long heldUntilNanos;
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
     * @param leaseNanos length of the lease
     */
    void answered(long reportNanos, long leaseNanos, long nowNanos) {
        boolean fromTheFuture = reportNanos - nowNanos > 0;
        boolean beforeStandingStill = hasStoodStill && reportNanos - stoodStillAtNanos < 0;
        if (fromTheFuture || beforeStandingStill) {
            return;
        }
        long until = reportNanos + leaseNanos;
        if (!held || until - heldUntilNanos > 0) {
            heldUntilNanos = until;
            held = true;
        }
        if (lastAskedNanos - reportNanos <= 0) {
            asking = false;
        } else if (reportNanos - silentSinceNanos >= 0) {
            while (!questions.isEmpty() && questions.peek() - reportNanos <= 0) {
                questions.remove();
            }
            silentSinceNanos = questions.isEmpty() ? reportNanos : questions.peek();
        }
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

    /** This process stood still, and nobody knows for how long: nothing that was leased before counts. */
    void stoodStill(long nowNanos) {
        hasStoodStill = true;
        stoodStillAtNanos = nowNanos;
        held = false;
        asking = false;
    }

    /** Whether what was leased may be used. */
    boolean isHeld(long nowNanos) {
        return held && nowNanos - heldUntilNanos < 0;
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
