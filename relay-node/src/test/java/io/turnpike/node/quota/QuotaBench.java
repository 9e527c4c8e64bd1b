package io.turnpike.node.quota;

import static io.turnpike.node.quota.Direction.CLIENT_TO_PEER;

import io.turnpike.contract.QuotaPeriod;
import io.turnpike.node.event.NodeIdentity;
import io.turnpike.node.event.QuotaAccountState;
import io.turnpike.node.event.RelayEvent;
import io.turnpike.node.event.TenantUsageReported;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.Executor;

/** A quota table on manual clocks, with everything that it reports. Loops run their tasks when the test says so. */
final class QuotaBench {
    static final String TENANT = "acme";
    static final NodeIdentity NODE = new NodeIdentity("n1", 7, 99);
    static final Instant START = Instant.parse("2026-11-22T12:00:00Z");
    /** The day of the start. */
    static final QuotaPeriod DAY = PeriodKind.DAY.at(START, 0, ZoneOffset.UTC);
    static final QuotaPolicy HARD = policy(5, QuotaMode.HARD, 100_000_000);

    final List<TenantUsageReported> reports = new ArrayList<>();
    final QuotaTable table;
    private final Queue<Runnable> loopTasks = new ArrayDeque<>();
    final Executor loop = loopTasks::add;
    private long nanos = 1_000;
    private Instant wall = START;

    QuotaBench(QuotaPolicy defaultPolicy, int loops) {
        this(QuotaSettings.standard(defaultPolicy, loops));
    }

    /** A tenant under a hard quota with another ladder. */
    QuotaBench(Ladder ladder) {
        this(new QuotaSettings(QuotaPolicy.OFF, 2, Duration.ofMillis(400), Duration.ofSeconds(1),
                Duration.ofSeconds(10), ladder));
        table.applyPolicy(TENANT, HARD);
    }

    private QuotaBench(QuotaSettings settings) {
        this(NODE, settings, Optional.empty());
    }

    private QuotaBench(NodeIdentity node, QuotaSettings settings, Optional<SpendLog> spendLog) {
        table = new QuotaTable(node, settings, () -> nanos, ((InstantSource) () -> wall).withZone(ZoneOffset.UTC),
                this::take, spendLog);
        table.controlCaughtUp();
    }

    /** A process of the node that keeps a spend log, with the tenant under a policy. */
    static QuotaBench keeping(SpendLog log, NodeIdentity node, QuotaPolicy policy) {
        QuotaBench bench = new QuotaBench(node, QuotaSettings.standard(QuotaPolicy.OFF, 2), Optional.of(log));
        bench.table.applyPolicy(TENANT, policy);
        bench.run();
        return bench;
    }

    static QuotaBench hard() {
        QuotaBench bench = new QuotaBench(QuotaPolicy.OFF, 2);
        bench.table.applyPolicy(TENANT, HARD);
        return bench;
    }

    /** A bench whose tenant has an allocation and a grant of so many bytes. */
    static QuotaBench hardWith(long grantBytes) {
        QuotaBench bench = hard();
        bench.granted(1, grantBytes);
        return bench;
    }

    static QuotaPolicy policy(long epoch, QuotaMode mode, long volumeBytes) {
        return new QuotaPolicy(epoch, mode, PeriodKind.MONTH, ZoneOffset.UTC, OptionalLong.of(volumeBytes),
                OnControlLoss.STOP);
    }

    /** A policy whose period is a day. */
    static QuotaPolicy daily(long epoch, QuotaMode mode) {
        return new QuotaPolicy(epoch, mode, PeriodKind.DAY, ZoneOffset.UTC, OptionalLong.of(1_000_000),
                OnControlLoss.STOP);
    }

    private void take(RelayEvent event) {
        reports.add((TenantUsageReported) event);
    }

    /** Lets time pass, and runs what is due then. */
    void pass(Duration time) {
        Duration left = time;
        while (!left.isZero()) {
            Duration step = left.compareTo(Duration.ofMillis(100)) > 0 ? Duration.ofMillis(100) : left;
            nanos += step.toNanos();
            wall = wall.plus(step);
            run();
            left = left.minus(step);
        }
    }

    /** The wall clock jumps; the monotonic one does not. */
    void wallIs(Instant instant) {
        wall = instant;
    }

    long nanos() {
        return nanos;
    }

    void run() {
        table.runDue();
        runLoops();
        table.runDue();
    }

    void runLoops() {
        for (Runnable task = loopTasks.poll(); task != null; task = loopTasks.poll()) {
            task.run();
        }
    }

    List<Admission> admit(int loopIndex) {
        return admit("al", loopIndex);
    }

    List<Admission> admit(String user, int loopIndex) {
        List<Admission> answers = new ArrayList<>();
        table.admit(TENANT, user, loopIndex, loop, answers::add);
        return answers;
    }

    /** An allowance of a tenant that has credit or needs none. */
    Allowance allowance(int loopIndex) {
        List<Admission> answers = admit(loopIndex);
        runLoops();
        return ((Admission.Admitted) answers.get(0)).allowance();
    }

    void granted(long seq, long bytes) {
        table.applyGrant(grant(seq, bytes));
        run();
    }

    QuotaGrant grant(long seq, long bytes) {
        return grant(seq, bytes, PeriodKind.MONTH.at(wall, 0, ZoneId.of("UTC")), false, false, false, nanos);
    }

    static QuotaGrant grant(long seq, long bytes, QuotaPeriod period, boolean exhausted, boolean recall,
            boolean closed) {
        return grant(seq, bytes, period, exhausted, recall, closed, 0);
    }

    private static QuotaGrant grant(long seq, long bytes, QuotaPeriod period, boolean exhausted, boolean recall,
            boolean closed, long answeredNanos) {
        return new QuotaGrant(TENANT, "", period.id(), period.start(), period.end(), NODE.nodeId(), NODE.epoch(),
                NODE.processNonce(), HARD.policyEpoch(), seq, bytes, exhausted, recall, closed, answeredNanos,
                false);
    }

    /** A grant under any policy. */
    static QuotaGrant ofPolicy(long policyEpoch, long seq, long bytes, QuotaPeriod period, boolean closed) {
        return new QuotaGrant(TENANT, "", period.id(), period.start(), period.end(), NODE.nodeId(), NODE.epoch(),
                NODE.processNonce(), policyEpoch, seq, bytes, false, false, closed, 0, false);
    }

    QuotaPeriod month(String day) {
        return PeriodKind.MONTH.at(Instant.parse(day + "T00:00:00Z"), 0, ZoneOffset.UTC);
    }

    TenantUsageReported last() {
        return reports.get(reports.size() - 1);
    }

    QuotaAccountState lastAccount() {
        List<QuotaAccountState> accounts = last().accounts();
        return accounts.get(accounts.size() - 1);
    }

    /** Debits datagrams of 500 bytes up to a rate while time passes; the bytes that were accepted. */
    long spendFor(Allowance allowance, Duration time, int bytesPerSecond) {
        int datagrams = bytesPerSecond / 10 / 500;
        long spent = 0;
        for (long left = time.toMillis(); left > 0; left -= 100) {
            for (int datagram = 0; datagram < datagrams && allowance.debit(500, CLIENT_TO_PEER); datagram++) {
                spent += 500;
            }
            pass(Duration.ofMillis(100));
        }
        return spent;
    }

    /** Debits until the quota refuses; the bytes that were accepted. */
    static long spendAll(Allowance allowance, int bytes) {
        long spent = 0;
        while (allowance.debit(bytes, CLIENT_TO_PEER)) {
            spent += bytes;
        }
        return spent;
    }
}
