package io.turnpike.system.quota;

import io.turnpike.contract.QuotaAccountKey;
import io.turnpike.contract.Topic;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.QuotaShare;
import io.turnpike.node.event.EventBuffer;
import io.turnpike.node.event.LatestValues;
import io.turnpike.node.event.NodeIdentity;
import io.turnpike.node.event.SequencedEvent;
import io.turnpike.node.event.TenantUsageReported;
import io.turnpike.node.kafka.SimulatedDoor;
import io.turnpike.node.quota.Admission;
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
 * One process of a relay: the quota table itself with the relay's mappings, event loops whose tasks are steps of the
 * simulation, traffic, a publisher that keeps the newest value while Kafka is away, and a reader of the control topics.
 */
final class SimulatedNode {
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;
    private static final int MOST_CALLS = 4;
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
    final Map<String, Tally> forwarded = new TreeMap<>();
    /** Most that was drawn beyond grants, by period. */
    final Map<String, Long> lifted = new TreeMap<>();
    private final List<SpendLog.Claim> inherited;
    private final String name;
    private final SimulatedDoor door;
    private final EventBuffer buffer = new EventBuffer(64);
    private final LatestValues kept = new LatestValues(16);
    private final List<EventLoop> loops = new ArrayList<>();
    private final List<Call> calls = new ArrayList<>();
    private final List<Runnable> parked = new ArrayList<>();
    private final long originNanos;
    private long lostNanos;
    private long lostTimeAtNanos = Long.MIN_VALUE / 2;
    private long skewNanos;
    private boolean dead;
    private boolean suspended;
    private boolean stopping;
    private boolean linkDown;
    private boolean fencedByRecord;
    private int read;
    private int readToEnd;
    private boolean readingAll;
    private boolean pollPlanned;
    private long plan;
    private long plannedAtNanos = Long.MAX_VALUE;
    private boolean publishing;
    private int waiting;
    private long arrivals;
    private io.turnpike.control.v1.QuotaPolicy policy;
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
        door = new SimulatedDoor(identity, table);
        for (int i = 0; i < world.weather.loops(); i++) {
            loops.add(new EventLoop(this, i));
        }
        table.onUrgent(() -> planReports(world.upTo(MILLI)));
        buffer.onUrgent(this::planPublishing);
    }

    void start() {
        planReports(0);
        readAgain();
        arriveIn(world.upTo(SECOND));
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

    private void planPublishing() {
        if (!publishing) {
            publishing = true;
            in(world.upTo(20 * MILLI), "publisher", () -> {
                publishing = false;
                buffer.drain(this::publish, Integer.MAX_VALUE);
            });
        }
    }

    private void publish(SequencedEvent event) {
        if (linkDown) {
            kept.keep(event);
        } else {
            world.carry(this, door.record(event));
        }
    }

    void linkDownFor(long nanos) {
        if (!linkDown) {
            linkDown = true;
            in(nanos, "link", this::linkUp);
        }
    }

    void linkUp() {
        linkDown = false;
        kept.drain(this::publish);
    }

    // Control records

    /** Reads the control topics from their beginning. */
    void readAgain() {
        if (!readingAll) {
            readingAll = true;
            read = 0;
            readToEnd = world.control.size();
            door.beginReading();
            pollPlanned = false;
            controlGrew();
        }
    }

    /** Something was committed; this reader sees it in a while. */
    void controlGrew() {
        if (!pollPlanned && !dead) {
            pollPlanned = true;
            in(linkDown ? world.upTo(60 * SECOND) : world.delayNanos(), "control", this::poll);
        }
    }

    private void poll() {
        if (!pollPlanned) {
            return;
        }
        pollPlanned = false;
        int most = world.calm() ? Integer.MAX_VALUE : 1 + world.random.nextInt(20);
        for (int i = 0; i < most && read < world.control.size(); i++) {
            deliver(world.control.at(read++));
        }
        if (readingAll && read >= readToEnd && read < world.control.size()) {
            readToEnd = world.control.size();
        }
        if (readingAll && read >= readToEnd) {
            readingAll = false;
            door.endReading();
        }
        if (!world.calm() && world.control.size() > 0 && world.random.nextDouble() < world.weather.staleGrants()) {
            ControlLog.Entry entry = world.control.at(world.random.nextInt(world.control.size()));
            if (entry != null && (entry.topic() == Topic.QUOTA_GRANT || entry.topic() == Topic.QUOTA_SHARE)) {
                deliver(entry);
            }
        }
        if (read < world.control.size()) {
            controlGrew();
        }
    }

    private void deliver(ControlLog.Entry entry) {
        if (entry == null) {
            return;
        }
        if (entry.record() instanceof QuotaGrant grant && grant.getNodeId().equals(identity.nodeId())) {
            world.history.note(() -> name() + " reads grant " + grant.getPeriodId() + " seq " + grant.getGrantSeq()
                    + " of " + grant.getGrantBytes() + " for " + grant.getNodeEpoch() + '/'
                    + Long.toHexString(grant.getProcessNonce()) + (grant.getRecall() ? " recall" : "")
                    + (grant.getClosed() ? " closed" : "") + ofUser(grant));
            fencedByRecord |= isLater(grant.getNodeEpoch(), grant.getProcessNonce());
        } else if (entry.record() instanceof QuotaShare share && share.getNodeId().equals(identity.nodeId())) {
            world.history.note(() -> name() + " reads share " + share.getUserId() + " seq " + share.getShareSeq()
                    + " of " + share.getRateBitsPerSecond() + " bit/s and " + share.getSlots() + " slots for "
                    + share.getNodeEpoch() + '/' + Long.toHexString(share.getProcessNonce())
                    + (share.getFull() ? " full" : "") + (share.getClosed() ? " closed" : ""));
            fencedByRecord |= isLater(share.getNodeEpoch(), share.getProcessNonce());
        } else if (entry.record() instanceof io.turnpike.control.v1.QuotaPolicy told) {
            world.history.note(() -> name() + " reads policy " + told.getPolicyEpoch() + ' ' + told.getMode());
            policy = policy == null || told.getPolicyEpoch() > policy.getPolicyEpoch() ? told : policy;
        }
        door.apply(entry.topic(), entry.key(), entry.value());
    }

    static String ofUser(QuotaGrant grant) {
        return grant.getUserId().isEmpty() ? "" : " of user " + grant.getUserId() + '/' + grant.getOpening();
    }

    private boolean isLater(long nodeEpoch, long processNonce) {
        return nodeEpoch > identity.epoch() || nodeEpoch == identity.epoch()
                && Long.compareUnsigned(processNonce, identity.processNonce()) > 0;
    }

    /** The newest policy that this process has read, or null. */
    io.turnpike.control.v1.QuotaPolicy policy() {
        return policy;
    }

    /** Newest policy epoch that it has told to enforce. */
    long toldPolicyEpoch() {
        return toldPolicyEpoch;
    }

    // Traffic

    private final class Call {
        private final EventLoop loop;
        private final ShareWitness.Held held;
        private final io.turnpike.node.quota.Allowance allowance;
        private final String userId;
        private final boolean stream = world.random.nextInt(3) == 0;
        private final int burst = 1 + world.random.nextInt(30);
        private final long pauseNanos = (50 + world.random.nextInt(2_000)) * MILLI;

        Call(EventLoop loop, String userId, io.turnpike.node.quota.Allowance allowance, ShareWitness.Held held) {
            this.loop = loop;
            this.userId = userId;
            this.held = held;
            this.allowance = allowance;
            calls.add(this);
            loop.execute(this::relay);
            if (!world.calm()) {
                in((5 + world.random.nextInt(120)) * SECOND, "hang up", () -> {
                    if (!world.isUsingEverything()) {
                        loop.execute(this::end);
                    }
                });
            }
        }

        private void relay() {
            if (!calls.contains(this)) {
                return;
            }
            int most = world.isUsingEverything() ? 60 : burst;
            int sent = 0;
            boolean went = true;
            while (sent < most && went) {
                went = stream ? relayStream() : relayDatagram();
                sent++;
            }
            long pause = world.isUsingEverything() ? 100 * MILLI : pauseNanos / 2 + world.upTo(pauseNanos);
            in(pause, "data", () -> loop.execute(this::relay));
        }

        private boolean relayDatagram() {
            int bytes = 60 + world.random.nextInt(1_140);
            if (!allowance.debit(bytes)) {
                return false;
            }
            forwarded(bytes);
            if (world.random.nextInt(200) == 0) {
                refuseLater(books.position(), books.position(userId), bytes);
            }
            return true;
        }

        private boolean relayStream() {
            int bytes = 1 + world.random.nextInt(8_192);
            int went = allowance.debitUpTo(bytes);
            if (went > 0) {
                forwarded(went);
            }
            return went == bytes;
        }

        /** The socket refuses it after all, and nothing was sent. */
        private void refuseLater(NodeBooks.Position position, NodeBooks.Position ofUser, int bytes) {
            in(world.upTo(SECOND), "refused", () -> {
                if (calls.contains(this)) {
                    allowance.refund(bytes);
                    world.witness.nodes().refused(SimulatedNode.this, position, bytes);
                    world.witness.users().refused(SimulatedNode.this, userId, ofUser, bytes);
                }
            });
        }

        private void forwarded(int bytes) {
            world.witness.nodes().forwarded(SimulatedNode.this, books.position(), bytes);
            world.witness.users().forwarded(SimulatedNode.this, userId, books.position(userId), bytes);
        }

        private void end() {
            if (calls.remove(this)) {
                allowance.close();
                world.shareWitness.ended(held);
            }
        }
    }

    private void arrive() {
        if (!stopping && world.hasDemand()) {
            EventLoop loop = loops.get(world.random.nextInt(loops.size()));
            int wanted = world.calm() ? loops.size() : MOST_CALLS;
            if (calls.size() + waiting < wanted) {
                waiting++;
                loop.execute(() -> admit(loop));
            }
        }
        if (!world.calm()) {
            arriveIn(SECOND + world.upTo(15 * SECOND));
        } else if (world.hasDemand()) {
            arriveIn(200 * MILLI);
        }
    }

    private void arriveIn(long delayNanos) {
        long mine = ++arrivals;
        in(delayNanos, "arrivals", () -> {
            if (mine == arrivals) {
                arrive();
            }
        });
    }

    private void admit(EventLoop loop) {
        long askedAt = world.agenda.nowNanos();
        boolean[] asking = {true};
        String userId = world.someUser();
        table.admit(Simulation.TENANT, userId, loop.index, loop, answer -> {
            waiting--;
            world.witness.nodes().answered(this, world.agenda.nowNanos() - askedAt, asking[0], answer);
            if (answer instanceof Admission.Admitted admitted) {
                new Call(loop, userId, admitted.allowance(), world.shareWitness.admitted(this, userId));
            } else {
                world.history.note(() -> name() + " refuses an allocation: " + answer);
            }
        });
        asking[0] = false;
    }

    /** Everybody hangs up. */
    void endCalls() {
        List.copyOf(calls).forEach(call -> call.loop.execute(call::end));
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
            endCalls();
            in(10 * MILLI, "stop", () -> {
                List.copyOf(calls).forEach(Call::end);
                table.beginClose();
                planReports(0);
                in(world.calm() ? LAST_WORDS_NANOS : 2 * SECOND + world.upTo(LAST_WORDS_NANOS), "end", this::kill);
            });
        }
    }

    private void leaveIfSettled() {
        if (stopping && table.isSettled() && calls.isEmpty() && !world.calm()) {
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

    void stallLoop(long nanos) {
        loops.get(world.random.nextInt(loops.size())).stallFor(nanos);
    }

    /** The faults are over. */
    void heal() {
        resume(0);
        skewNanos = 0;
        linkUp();
        loops.forEach(loop -> loop.stallFor(0));
        pollPlanned = false;
        controlGrew();
        arriveIn(world.upTo(SECOND));
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

    boolean isFencedByRecord() {
        return fencedByRecord;
    }

    boolean hasCallOf(String userId) {
        return calls.stream().anyMatch(call -> call.userId.equals(userId));
    }

    boolean hasCalls() {
        return !calls.isEmpty();
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
