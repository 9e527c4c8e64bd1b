package io.turnpike.telemetry.ledger.share;

import java.time.Duration;

/** The numbers of leased shares (docs/quota-protocol.md, "Shares"), each once. */
final class ShareRules {
    /** Lease of a share, on the node's clock from the sending of the report that it answers. */
    static final Duration LEASE = Duration.ofSeconds(60);
    /** How much longer than the lease the ledger waits before it gives a silent process's share to others. */
    static final Duration MARGIN = Duration.ofSeconds(5);
    /** A process that reports gets its lease renewed this often. */
    static final Duration RENEWAL = LEASE.dividedBy(4);
    /** A share that the process does not name after this long is sent again. */
    static final Duration REPEAT = Duration.ofSeconds(1);
    /** No process has more allocations. */
    static final int MOST_SLOTS = 1 << 24;
    /** Users of one report that are looked at; the others come with the next one. */
    static final int MOST_USERS = 10_000;

    private ShareRules() {}
}
