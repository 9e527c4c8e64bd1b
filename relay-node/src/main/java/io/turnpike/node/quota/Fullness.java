package io.turnpike.node.quota;

/** What the ledger last answered to who asked for a slot: whether there is none to be had. Guarded by the tenant. */
final class Fullness {
    /** Who comes so soon after the answer is not worth another question. */
    private static final long HOLDS_NANOS = 1_000_000_000L;

    private boolean full;
    private long askedAtNanos;
    private long heardAtNanos;

    void heard(QuotaShare share, long nowNanos) {
        full = share.full();
        askedAtNanos = share.answeredReportMonotonicNanos();
        heardAtNanos = nowNanos;
    }

    /** Whether a request of that time was answered with no. */
    boolean answers(long requestNanos) {
        return full && (askedAtNanos - requestNanos >= 0
                || requestNanos - heardAtNanos >= 0 && requestNanos - heardAtNanos < HOLDS_NANOS);
    }
}
