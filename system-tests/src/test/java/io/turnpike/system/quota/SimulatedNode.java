package io.turnpike.system.quota;

import io.turnpike.contract.QuotaAccountKey;
import io.turnpike.node.event.EventBuffer;
import io.turnpike.node.event.NodeIdentity;
import io.turnpike.node.event.TenantUsageReported;
import io.turnpike.node.quota.Ladder;
import io.turnpike.node.quota.NodeBooks;
import io.turnpike.node.quota.NodeShares;
import io.turnpike.node.quota.QuotaPolicy;
import io.turnpike.node.quota.QuotaSettings;
import io.turnpike.node.quota.QuotaTable;
import io.turnpike.node.quota.SpendLog;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One process of a relay: the quota table itself, its {@link SimulatedTraffic} and its {@link SimulatedLink}, on a machine
 * with clocks of its own that may stand still, stop or die.
 */
final class SimulatedNode {
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;
    private static final long LAST_WORDS_NANOS = 60 * SECOND;

    /** What was really forwarded in a period. */
    static final class Tally {
        long boundBytes;
        long unboundBytes;
        long refundedUnboundBytes;
        /** Debits of bytes that were not sent in the end; the node may or may not have taken them back. */
        long refundedBytes;

        long bytes() {
            return boundBytes + unboundBytes;
        }
    }

    final Simulation world;
    final NodeIdentity identity;
    final SimulatedSpendDisk disk;
    final QuotaTable table;
    final NodeBooks books;
    final NodeShares shares;
    final SimulatedTraffic traffic;
    final SimulatedLink link;
    final Map<String, Tally> forwarded = new TreeMap<>();
    /** Most that was drawn beyond grants, by period. */
    final Map<String, Long> lifted = new TreeMap<>();
    private final List<SpendLog.Claim> inherited;
    private final String name;
    private final List<Runnable> parked = new ArrayList<>();
    private final long originNanos;
    private long lostNanos;
    private long lostTimeAtNanos = Long.MIN_VALUE / 2;
    private long skewNanos;
    private boolean dead;
    private boolean suspended;
    private boolean stopping;
    private long plan;
    private long plannedAtNanos = Long.MAX_VALUE;
    private long toldPolicyEpoch = -1;
    private long reportedAtNanos;

    SimulatedNode(Simulation world, NodeIdentity identity, QuotaPolicy defaultPolicy, SimulatedSpendDisk disk) {
        this.world = world;
        this.identity = identity;
        this.disk = disk;
        SpendLog log = disk.openFor(this);
        inherited = log.inherited().map(SpendLog.Page::claims).orElse(List.of());
        name = identity.nodeId() + '/' + identity.epoch() + '/' + Long.toHexString(identity.processNonce());
        originNanos = world.random.nextBoolean() ? world.random.nextLong() : Long.MAX_VALUE - world.upTo(600 * SECOND);
        EventBuffer buffer = new EventBuffer(64);
        QuotaSettings settings = new QuotaSettings(defaultPolicy, world.weather.loops(), Duration.ofMillis(400),
                world.weather.reportInterval(), Duration.ofSeconds(10), Ladder.STANDARD);
        table = new QuotaTable(identity, settings, this::nanos,
                ((InstantSource) () -> Instant.ofEpochSecond(0, wallNanos())).withZone(ZoneOffset.UTC), event -> {
                    TenantUsageReported report = (TenantUsageReported) event;
                    reportedAtNanos = nanos();
                    if (report.userId().isEmpty()) {
                        toldPolicyEpoch = Math.max(toldPolicyEpoch, report.policyEpochSeen());
                    }
                    buffer.offer(event);
                }, Optional.of(log));
        reportedAtNanos = nanos();
        books = new NodeBooks(table, Simulation.TENANT);
        shares = new NodeShares(table, Simulation.TENANT);
        traffic = new SimulatedTraffic(this);
        link = new SimulatedLink(this, buffer);
        table.onUrgent(() -> planReports(world.upTo(MILLI)));
    }

    void start() {
        planReports(0);
        link.readAgain();
        traffic.start();
    }

    String name() {
        return name;
    }

    /** Runs a task of this process later, unless it is dead then; a suspended process does it when it goes on. */
    void in(long delayNanos, String what, Runnable task) {
        world.agenda.in(delayNanos, () -> {
            if (suspended) {
                parked.add(task);
            } else if (!dead) {
                world.guarded(() -> name() + ' ' + what, task);
                world.witness.nodes().look(this);
                world.shareWitness.look(this);
            }
        });
    }

    long nanos() {
        return originNanos + world.agenda.nowNanos() - lostNanos;
    }

    long wallNanos() {
        return world.wallNanos() + skewNanos;
    }

    // Reports

    private void planReports(long delayNanos) {
        long at = world.agenda.nowNanos() + delayNanos;
        if (at >= plannedAtNanos) {
            return;
        }
        plannedAtNanos = at;
        long mine = ++plan;
        in(delayNanos, "reports", () -> {
            if (plan == mine) {
                plannedAtNanos = Long.MAX_VALUE;
                planReports(table.runDue() + 1 + world.upTo(MILLI));
                leaveIfSettled();
            }
        });
    }

    /** Newest policy epoch that it has told to enforce. */
    long toldPolicyEpoch() {
        return toldPolicyEpoch;
    }

    // Faults

    void kill() {
        dead = true;
        world.history.note(() -> name() + " is killed");
    }

    /** Ends the allocations, settles, and dies when the ledger has acknowledged or the patience is over. */
    void stop() {
        if (!stopping) {
            stopping = true;
            world.history.note(() -> name() + " stops");
            traffic.endCalls();
            in(10 * MILLI, "stop", () -> {
                traffic.dropCalls();
                table.beginClose();
                planReports(0);
                in(world.calm() ? LAST_WORDS_NANOS : 2 * SECOND + world.upTo(LAST_WORDS_NANOS), "end", this::kill);
            });
        }
    }

    private void leaveIfSettled() {
        if (stopping && table.isSettled() && !traffic.hasCalls() && !world.calm()) {
            world.history.note(() -> name() + " is settled");
            dead = true;
        }
    }

    /** The machine stands still; its monotonic clock may or may not go on. */
    void suspendFor(long nanos) {
        if (!suspended) {
            suspended = true;
            world.history.note(() -> name() + " is suspended for " + nanos / MILLI + " ms");
            boolean clockStops = world.random.nextBoolean();
            world.agenda.in(nanos, () -> resume(clockStops ? nanos : 0));
        }
    }

    private void resume(long lost) {
        if (suspended) {
            suspended = false;
            lostNanos += lost;
            if (lost > 0) {
                lostTimeAtNanos = world.agenda.nowNanos();
            }
            world.history.note(() -> name() + " goes on");
            List<Runnable> due = List.copyOf(parked);
            parked.clear();
            due.forEach(task -> in(world.upTo(5 * MILLI), "parked", task));
        }
    }

    void setClock(long skew) {
        skewNanos = skew;
        world.history.note(() -> name() + "'s clock is wrong by " + skew / MILLI + " ms");
    }

    /** The faults are over. */
    void heal() {
        resume(0);
        skewNanos = 0;
        link.heal();
        traffic.heal();
    }

    /** The tenant's account of this process. */
    QuotaAccountKey account(String periodId) {
        return account(periodId, "");
    }

    /** A user's account of this process. */
    QuotaAccountKey account(String periodId, String userId) {
        return new QuotaAccountKey(Simulation.TENANT, periodId, identity.nodeId(), identity.epoch(),
                identity.processNonce(), userId);
    }

    /** Whether it has found the account on its disk, and must settle it. */
    boolean isToSettle(QuotaAccountKey key) {
        return inherited.stream().anyMatch(claim -> key.nodeId().equals(identity.nodeId())
                && claim.nodeEpoch() == key.nodeEpoch() && claim.processNonce() == key.processNonce()
                && claim.periodId().equals(key.periodId()) && claim.userId().equals(key.userId()));
    }

    boolean isAlive() {
        return !dead;
    }

    boolean isSuspended() {
        return suspended;
    }

    /** Whether its clock stood still not longer ago than this. */
    boolean hasLostTime(long withinNanos) {
        return world.agenda.nowNanos() - lostTimeAtNanos <= withinNanos;
    }

    boolean isStopping() {
        return stopping;
    }

    long nanosSinceReport() {
        return nanos() - reportedAtNanos;
    }

    /** What the node has booked as spent: sent, or refused by a socket too late to be given back. */
    long spentBytes(String periodId) {
        return books.entries().stream().filter(entry -> entry.periodId().equals(periodId))
                .mapToLong(NodeBooks.Entry::spentBytes).sum();
    }

    Tally tally(String periodId) {
        return forwarded.computeIfAbsent(periodId, id -> new Tally());
    }
}
