package io.turnpike.node.quota;

import io.turnpike.node.event.EventSink;
import io.turnpike.node.event.NodeIdentity;
import java.time.Clock;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The node's side of the quota ledger: every tenant's credit, the requests for more and the returns. Thread-safe: event
 * loops ask for admission and debit, the control consumer applies policies and grants, the report thread runs what is
 * due.
 */
public final class QuotaTable {
    /**
     * Makes an empty table.
     *
     * @param node whose accounts these are
     * @param settings see there
     * @param nanoClock monotonic clock, {@code System::nanoTime} in production
     * @param clock wall clock, for periods only
     * @param reports gets TenantUsageReported events
     */
    public QuotaTable(NodeIdentity node, QuotaSettings settings, LongSupplier nanoClock, Clock clock,
            EventSink reports) {}

    /**
     * Asks whether a user of a tenant may make an allocation.
     *
     * @param loopIndex index of the asking event loop, 0 to {@code eventLoops - 1}
     * @param loop runs tasks on that loop; the answer comes there
     * @param answer called exactly once: before this returns where the answer is known, else within the admission
     * time-out
     */
    public void admit(String tenantId, String userId, int loopIndex, Executor loop, Consumer<Admission> answer) {
        answer.accept(new Admission.Admitted(new Allowance()));
    }

    /** Follows a tenant's policy from now on. */
    public void applyPolicy(String tenantId, QuotaPolicy policy) {}

    /** Follows the default policy for the tenant from now on. */
    public void removePolicy(String tenantId) {}

    /** Takes a grant if it is for this process and newer than the last one of its account (QUOTA.md rules 1 and 6). */
    public void applyGrant(QuotaGrant grant) {}

    /** All policies have been read: a tenant without one has none. Also called once where there is no Kafka at all. */
    public void controlCaughtUp() {}
}
