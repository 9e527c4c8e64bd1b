package io.turnpike.node.quota;

import io.turnpike.node.event.EventSink;
import io.turnpike.node.event.NodeIdentity;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's side of the quota ledger: every tenant's and user's credit, the requests for more and the returns. Thread-safe: event
 * loops ask for admission and debit, the control consumer applies policies and grants, the report thread runs what is
 * due.
 */
public final class QuotaTable {
    private static final Logger LOG = LoggerFactory.getLogger(QuotaTable.class);

    private final NodeContext context;
    private final Map<String, ScopedQuota> tenants = new ConcurrentHashMap<>();
    private final Set<ScopedQuota> urgent = ConcurrentHashMap.newKeySet();
    private volatile Runnable wakeUp = () -> {};
    private volatile LongConsumer grantWaits = nanos -> {};
    private volatile boolean closed;
    private final Standstill standstill;
    private final Optional<SpendAhead> spendAhead;
    private long nextReportNanos;
    private volatile long lastGrantNanos;
    private volatile boolean granted;

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
            EventSink reports) {
        this(node, settings, nanoClock, clock, reports, Optional.empty());
    }

    /**
     * Makes a table that begins with what earlier processes of the node left open.
     *
     * @param spendLog where it is written down how far accounts may be spent; empty if nothing is kept
     */
    public QuotaTable(NodeIdentity node, QuotaSettings settings, LongSupplier nanoClock, Clock clock,
            EventSink reports, Optional<SpendLog> spendLog) {
        long now = nanoClock.getAsLong();
        context = new NodeContext(node, settings, nanoClock, clock, reports, now, new AtomicBoolean(),
                new AtomicBoolean(), spendLog, clock.instant(), new AtomicLong(), ConcurrentHashMap.newKeySet(),
                this::isUrgent, nanos -> grantWaits.accept(nanos));
        spendAhead = spendLog.map(log -> new SpendAhead(log, context));
        spendLog.flatMap(SpendLog::inherited)
                .ifPresent(page -> page.claims().forEach(claim -> tenant(claim.tenantId())));
        nextReportNanos = now + settings.reportInterval().toNanos();
        standstill = new Standstill(settings.reportInterval(), now, clock.millis());
    }

    /**
     * Asks whether a user of a tenant may make an allocation. Called on the asking event loop.
     *
     * @param loopIndex index of that loop, 0 to {@code eventLoops - 1}; always with the same executor
     * @param loop runs tasks on that loop
     * @param answer called exactly once, on that loop: before this returns where the answer is known, else within the
     * admission time-out. Whoever gets an allowance must close it, also if no allocation comes of it.
     */
    public void admit(String tenantId, String userId, int loopIndex, Executor loop, Consumer<Admission> answer) {
        ScopedQuota tenant = tenant(tenantId);
        UserQuotas users = tenant.users();
        if (users.count()) {
            JointAdmission both = new JointAdmission(tenant, answer);
            users.admit(userId, loopIndex, loop, both::userSays);
            if (both.isAnswered()) {
                tenant.refusedByUser();
            } else {
                tenant.admit(userId, loopIndex, loop, both::tenantSays);
            }
        } else {
            tenant.admit(userId, loopIndex, loop, answer);
        }
    }

    /** Follows a tenant's policy from now on. */
    public void applyPolicy(String tenantId, QuotaPolicy policy) {
        follow(tenant(tenantId), policy);
    }

    /** Loops debit users as soon as the tenant's standing says so, and no longer than users' quotas are open. */
    private static void follow(ScopedQuota tenant, QuotaPolicy policy) {
        if (policy.countsUsers()) {
            tenant.users().follow(policy);
            tenant.follow(policy, true);
        } else {
            tenant.follow(policy, true);
            tenant.users().follow(policy);
        }
    }

    /** Follows the default policy for the tenant from now on. */
    public void removePolicy(String tenantId) {
        ScopedQuota tenant = tenants.get(tenantId);
        if (tenant != null) {
            follow(tenant, context.settings().defaultPolicy());
        }
    }

    /**
     * Takes a grant if it is for this process and newer than the last one of its account (QUOTA.md rules 1 and 6). A
     * grant for a later process with this node id fences this one: it spends no more under hard quotas. A grant for
     * whatever process says where the whole quota stands, which is what soft quotas follow.
     */
    public void applyGrant(QuotaGrant grant) {
        hear(grant);
        if (!grant.nodeId().equals(context.node().nodeId())) {
            return;
        }
        if (isForThisProcess(grant)) {
            lastGrantNanos = context.nanos();
            granted = true;
            if (grant.userId().isEmpty()) {
                tenant(grant.tenantId()).apply(grant);
            } else {
                tenant(grant.tenantId()).users().apply(grant);
            }
        } else if (isOlderThan(grant.nodeEpoch(), grant.processNonce())) {
            fence();
        } else if (grant.closed()) {
            tenant(grant.tenantId()).settled(grant);
        }
    }

    /** Takes a leased share if it is for this process; one for a later process with this node id fences this one. */
    public void applyShare(QuotaShare share) {
        NodeIdentity node = context.node();
        if (!share.nodeId().equals(node.nodeId())) {
            return;
        }
        if (share.nodeEpoch() == node.epoch() && share.processNonce() == node.processNonce()) {
            ScopedQuota tenant = tenants.get(share.tenantId());
            if (tenant != null) {
                tenant.apply(share);
            }
        } else if (isOlderThan(share.nodeEpoch(), share.processNonce())) {
            fence();
        }
    }

    private void hear(QuotaGrant grant) {
        if (!grant.runsAt(context.clock().instant())) {
            return;
        }
        ScopedQuota tenant = grant.exhausted() ? tenant(grant.tenantId()) : tenants.get(grant.tenantId());
        if (tenant != null && grant.userId().isEmpty()) {
            tenant.hear(Heard.in(grant));
        } else if (tenant != null) {
            tenant.users().hear(grant);
        }
    }

    private boolean isForThisProcess(QuotaGrant grant) {
        return grant.nodeEpoch() == context.node().epoch() && grant.processNonce() == context.node().processNonce();
    }

    private boolean isOlderThan(long nodeEpoch, long processNonce) {
        NodeIdentity node = context.node();
        return node.epoch() < nodeEpoch || node.epoch() == nodeEpoch
                && Long.compareUnsigned(node.processNonce(), processNonce) < 0;
    }

    private void fence() {
        if (context.fenced().compareAndSet(false, true)) {
            LOG.error("a later process has this node.id, hard quotas are not spent here any more nodeId={} epoch={}",
                    context.node().nodeId(), context.node().epoch());
            tenants.values().forEach(tenant -> {
                tenant.voidSlices();
                tenant.users().voidSlices();
            });
        }
    }

    /** Nanoseconds since the last grant for this process; 0 before the first. */
    public long nanosSinceGrant() {
        return granted ? context.nanos() - lastGrantNanos : 0;
    }

    /** Tenants whose ledger was asked, for the tenant or for one of its users, and is silent. */
    public long tenantsWithoutControl() {
        return tenants.values().stream().filter(tenant -> tenant.isControlLost() || tenant.users().isControlLost())
                .count();
    }

    /** Whether it is written down ahead how far accounts may be spent; also where nothing is kept at all. */
    public boolean isSpendingKept() {
        return spendAhead.map(SpendAhead::isKept).orElse(true);
    }

    /** Users of a tenant who are kept here: with an allocation, or not idle for long, or leaving. */
    int users(String tenantId) {
        return tenant(tenantId).users().size();
    }

    /** Whether a later process with this node id was seen: an alarm. */
    public boolean isFenced() {
        return context.fenced().get();
    }

    /** All policies have been read: a tenant without one has none. Also called once where there is no Kafka at all. */
    public void controlCaughtUp() {
        context.caughtUp().set(true);
        tenants.values().forEach(ScopedQuota::settleWaiters);
    }

    /**
     * Sets what tells the report thread that {@link #runDue} has something to do; it must not block.
     *
     * @param signal called on any thread
     */
    public void onUrgent(Runnable signal) {
        wakeUp = signal;
    }

    /**
     * Sets what is told how long it took from each report that asked for credit to the grant that brought some, while the quota
     * is not short: then grants wait for what others return.
     *
     * @param listener gets nanoseconds, on the thread that applies grants, and must not block
     */
    public void onGrantWait(LongConsumer listener) {
        grantWaits = listener;
    }

    /**
     * Does what is due now. Called by one thread.
     *
     * @return nanoseconds until it must be called again, if nothing urgent comes before
     */
    public long runDue() {
        long now = context.nanos();
        if (standstill.isOver(now, context.clock().millis())) {
            tenants.values().forEach(tenant -> {
                tenant.stoodStill();
                tenant.users().stoodStill();
            });
        }
        boolean scheduled = now - nextReportNanos >= 0;
        if (scheduled) {
            nextReportNanos = now + context.settings().reportInterval().toNanos();
            urgent.clear();
            tenants.values().forEach(tenant -> {
                tenant.run(true);
                tenant.users().run();
            });
        }
        for (ScopedQuota quota : urgent) {
            urgent.remove(quota);
            quota.run(false);
        }
        spendAhead.ifPresent(ahead -> ahead.run(tenants.values(), now));
        return Math.max(0, Math.min(nextReportNanos - now, runWaiting(now)));
    }

    /** Answers those whose wait is over, and lets quotas go on without control; nanoseconds until the next is due. */
    private long runWaiting(long now) {
        long wait = Long.MAX_VALUE;
        for (ScopedQuota quota : context.waiting()) {
            if (quota.nanosToDeadline(now) <= 0) {
                quota.run(false);
            }
            long left = quota.nanosToDeadline(now);
            if (left == Long.MAX_VALUE) {
                context.waiting().remove(quota);
                left = quota.nanosToDeadline(now);
                if (left != Long.MAX_VALUE) { // somebody came meanwhile, and found the quota still here
                    context.waiting().add(quota);
                }
            }
            wait = Math.min(wait, left);
        }
        return wait;
    }

    /** Spends no more and starts to settle all accounts; the reports repeat until {@link #isSettled} or the end. */
    public void beginClose() {
        closed = true;
        tenants.values().forEach(tenant -> {
            tenant.close();
            isUrgent(tenant);
            tenant.users().close();
        });
    }

    /** Whether the ledger has taken every final report. */
    public boolean isSettled() {
        return tenants.values().stream().allMatch(tenant -> tenant.isSettled() && tenant.users().isSettled());
    }

    private ScopedQuota tenant(String tenantId) {
        return tenants.computeIfAbsent(tenantId, id -> {
            ScopedQuota tenant = new ScopedQuota(id, context);
            tenant.setUsers(new UserQuotas(id, tenant, context, context.settings().defaultPolicy()));
            if (closed) {
                tenant.close();
                tenant.users().close();
            }
            return tenant;
        });
    }

    private void isUrgent(ScopedQuota tenant) {
        if (urgent.add(tenant)) {
            wakeUp.run();
        }
    }
}
