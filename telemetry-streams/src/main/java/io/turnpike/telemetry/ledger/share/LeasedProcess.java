package io.turnpike.telemetry.ledger.share;

import io.turnpike.contract.QuotaShareKey;
import java.util.LinkedHashMap;
import java.util.Map;

/** A process with its tenant's share, its users' slots, and the lease of all of them. Confined to the ledger's task. */
final class LeasedProcess {
    final Share share;
    final Map<String, Share> users = new LinkedHashMap<>();
    /** The ledger's monotonic clock when it took the newest report. */
    long reportedAtNanos;
    private long leaseEndNanos;

    /** A process that the ledger meets, or finds in its store: from now on its lease may last a whole lease. */
    LeasedProcess(Share share, long nowNanos) {
        this.share = share;
        reportedAtNanos = nowNanos;
        share.issuedAtNanos = nowNanos - ShareRules.RENEWAL.toNanos();
        leased();
    }

    QuotaShareKey key() {
        return share.key();
    }

    /** A share goes out that answers the newest report. */
    void leased() {
        leaseEndNanos = reportedAtNanos + ShareRules.LEASE.plus(ShareRules.MARGIN).toNanos();
    }

    /** Whether the process can have nothing any more, by its own clock. */
    boolean isOver(long nowNanos) {
        return nowNanos - leaseEndNanos >= 0;
    }

    /** Whether its lease should be renewed with this report. */
    boolean isDueForRenewal(long nowNanos) {
        return nowNanos - share.issuedAtNanos >= ShareRules.RENEWAL.toNanos();
    }
}
