package io.turnpike.node.quota;

import io.turnpike.node.event.UserSlotState;

/** The slots of one user on this node, as far as the ledger gave any. Guarded by the tenant. */
final class UserSlots {
    /** Nothing that answers an earlier report is taken. */
    private final long sinceNanos;
    private final Fullness fullness = new Fullness();
    private long seq;
    private int given;
    private int most;
    private boolean unanswered = true;
    /** Whether a report has told how it stands now, and the first that did. */
    private boolean told;
    private long toldAtNanos;

    /** A user with so many allocations that live already. */
    UserSlots(int used, long nowNanos) {
        sinceNanos = nowNanos;
        most = used;
    }

    /** Takes a share of the user. */
    void apply(QuotaShare share, int used, long nowNanos) {
        if (share.answeredReportMonotonicNanos() - sinceNanos < 0 || share.shareSeq() <= seq) {
            return;
        }
        seq = share.shareSeq();
        unanswered &= !told || share.answeredReportMonotonicNanos() - toldAtNanos < 0;
        if (Math.max(share.slots(), used) < most) {
            changed();
        }
        given = share.slots();
        most = Math.max(given, used);
        fullness.heard(share, nowNanos);
    }

    /** Everything about the user must be told. */
    void changed() {
        unanswered = true;
        told = false;
    }

    /** An allocation has ended: a slot that was only borrowed until then is gone. */
    void ended(int used) {
        most = Math.min(most, Math.max(given, used));
    }

    /** Lays back what nobody uses or waits for. */
    void giveBack(int needed) {
        if (most > needed) {
            most = needed;
            given = Math.min(given, needed);
            changed();
        }
    }

    boolean hasRoom(int used) {
        return used < most;
    }

    boolean isFull(long askedAtNanos) {
        return fullness.answers(askedAtNanos);
    }

    /** Whether the ledger need not hear of the user. */
    boolean isSettled() {
        return !unanswered;
    }

    /** Whether nothing is known of the user. */
    boolean isEmpty() {
        return most == 0 && !unanswered;
    }

    /** What the report that is made now says. */
    UserSlotState state(String userId, int used, int wanted, long nowNanos) {
        if (!told) {
            told = true;
            toldAtNanos = nowNanos;
        }
        return new UserSlotState(userId, seq, most, used, wanted);
    }
}
