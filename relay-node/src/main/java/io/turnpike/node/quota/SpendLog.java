package io.turnpike.node.quota;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Where a process writes down how far it may spend before it does, and finds what the process before it wrote (QUOTA.md
 * rules 3 and 10). Nothing in it is a guess: who is named in it has not spent more.
 */
public interface SpendLog {
    /**
     * One account, its own or one of a process that is gone and not settled yet.
     *
     * @param userId user whose quota it is; empty for the tenant's
     * @param policyEpoch policy that every event loop followed
     * @param grantSeq newest grant that was accepted
     * @param ceilingBytes most that was drawn (U), cumulative
     * @param ungrantedBytes most of it that was beyond grants
     */
    record Claim(long nodeEpoch, long processNonce, String tenantId, String userId, String periodId, long policyEpoch,
            long grantSeq, long ceilingBytes, long ungrantedBytes) {}

    /**
     * The grace of a tenant in a period that this node has used at most, in all its processes.
     *
     * @param periodEnd after which it may be forgotten
     */
    record GraceUse(String tenantId, String periodId, Instant periodEnd, long bytes) {}

    /**
     * Everything that is written, each time anew.
     *
     * @param knownSince of a period that began before it nobody knows how much grace was used: a page was lost since
     */
    record Page(List<Claim> claims, List<GraceUse> grace, Instant knownSince) {
        /** A page with nothing on it, of a node that has not run before. */
        public static final Page EMPTY = new Page(List.of(), List.of(), Instant.EPOCH);

        /** Keeps copies. */
        public Page {
            claims = List.copyOf(claims);
            grace = List.copyOf(grace);
        }
    }

    /** What became of a page. */
    enum Outcome {
        /** It is what the next process will find, whatever happens now. */
        WRITTEN,
        /** The next process will find nothing, and settle nothing. */
        NOTHING_KEPT,
        /** The next process may find an older page: nothing beyond that one may be spent. */
        FAILED
    }

    /** What the processes before this one left; empty if there was one and nobody knows what it did. */
    Optional<Page> inherited();

    /**
     * Writes a page in place of the one before, without blocking.
     *
     * @param done called once, on any thread
     */
    void write(Page page, Consumer<Outcome> done);
}
