package io.turnpike.node.quota;

import io.turnpike.node.quota.Admission.Reason;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * An Allocate request that waits for the ledger.
 *
 * @param quota whose credit it waits for
 * @param userId who asked
 * @param lane the quota on the asking event loop
 * @param answer called once, on that loop
 * @param askedAtNanos when it began to wait
 */
record Waiter(ScopedQuota quota, String userId, Lane lane, Consumer<Admission> answer, long askedAtNanos) {
    /** What may come of a request for an allocation. */
    enum Verdict {
        ADMIT(null), WAIT(null), EXHAUSTED(Reason.EXHAUSTED), NO_GRANT(Reason.NO_GRANT), NO_SLOT(
                Reason.NO_SLOT), FENCED(Reason.FENCED);

        private final Reason reason;

        Verdict(Reason reason) {
            this.reason = reason;
        }
    }

    /** Answers on the calling thread, which must be the event loop. */
    void answerHere(Verdict verdict) {
        answer.accept(verdict == Verdict.ADMIT
                ? new Admission.Admitted(new Allowance(quota, userId, lane))
                : new Admission.Refused(verdict.reason));
    }

    /** Answers on the event loop. If the loop is gone, so is whoever asked. */
    void answerOnLoop(Verdict verdict) {
        try {
            lane.loop().execute(() -> answerHere(verdict));
        } catch (RejectedExecutionException e) {
            if (verdict == Verdict.ADMIT) {
                quota.allocationEnded(userId);
            }
        }
    }
}
