package io.turnpike.node.quota;

import io.turnpike.node.event.EventSink;
import io.turnpike.node.event.NodeIdentity;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * What the quotas of all tenants on this node share.
 *
 * @param node whose accounts these are
 * @param settings settings of the table
 * @param nanoClock monotonic clock
 * @param clock wall clock, for periods only
 * @param reports gets the reports to the ledger
 * @param startedAtNanos when the table was made
 * @param caughtUp whether all policies have been read
 * @param fenced whether a newer process with this node id exists (QUOTA.md rule 6)
 * @param spendLog where it is written down how far accounts may be spent; empty where nothing is kept over a start
 * @param startedAt when the table was made, by the wall clock
 * @param openings numbers what is opened of users' accounts in this process, from 1
 * @param waiting quotas for which a request may wait, or that go on without control
 * @param urgent tells the report thread that a tenant must be looked at now; never blocks
 * @param grantWaits gets the nanoseconds from each report that asked for credit to the grant that brought some, while the quota is not short; never blocks
 */
record NodeContext(NodeIdentity node, QuotaSettings settings, LongSupplier nanoClock, Clock clock, EventSink reports,
        long startedAtNanos, AtomicBoolean caughtUp, AtomicBoolean fenced, Optional<SpendLog> spendLog,
        Instant startedAt, AtomicLong openings, Set<ScopedQuota> waiting, Consumer<ScopedQuota> urgent,
        LongConsumer grantWaits) {
    /** How long after the start an Allocate of a tenant without a known policy waits for the control topics. */
    private static final long CATCH_UP_NANOS = 10_000_000_000L;

    /**
     * What users' quotas see: nothing is written ahead of their accounts, and no earlier process has left any to settle.
     * What a process that is killed held of them stays charged.
     */
    NodeContext ofUsers() {
        return new NodeContext(node, settings, nanoClock, clock, reports, startedAtNanos, caughtUp, fenced,
                Optional.empty(), startedAt, openings, waiting, urgent, grantWaits);
    }

    /** Of a period that began before it nobody knows how much grace this node has used: it may be in a page that was lost. */
    Instant graceKnownSince() {
        return spendLog.flatMap(SpendLog::inherited).map(SpendLog.Page::knownSince).orElse(startedAt);
    }

    long nanos() {
        return nanoClock.getAsLong();
    }

    /** Whether a policy that is not here may yet be read. */
    boolean mayLearnPolicies() {
        return !caughtUp.get() && nanos() - startedAtNanos < CATCH_UP_NANOS;
    }
}
