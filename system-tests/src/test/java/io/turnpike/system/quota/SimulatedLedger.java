package io.turnpike.system.quota;

import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.Topic;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.QuotaShare;
import io.turnpike.control.v1.TenantCommand;
import io.turnpike.control.v1.Revocation;
import io.turnpike.control.v1.TenantRecord;
import io.turnpike.events.v1.TenantNodeUsage;
import io.turnpike.telemetry.ledger.ControlHistory;
import io.turnpike.telemetry.topology.LedgerTask;
import java.util.ArrayList;
import java.util.List;

/**
 * The ledger's task under exactly-once: records of the two input topics, transactions over several of them, and what a
 * transaction publishes, which nobody sees before it is committed. It dies, aborts, and loses its store.
 */
final class SimulatedLedger {
    private static final long MILLI = 1_000_000L;
    private static final long TICK_NANOS = 1_000 * MILLI;

    private final Simulation world;
    private final QuotaPolicy defaultPolicy;
    final SimulatedDisk disk = new SimulatedDisk();
    private final List<byte[]> usage = new ArrayList<>();
    private final List<byte[]> commands = new ArrayList<>();
    private final List<LedgerTask.Published> uncommitted = new ArrayList<>();
    private LedgerTask task;
    private int usageRead;
    private int usageCommitted;
    private int commandsRead;
    private int commandsCommitted;
    private boolean up;
    private boolean working;
    private boolean commitPlanned;
    private long life;
    private long skewNanos;

    SimulatedLedger(Simulation world, QuotaPolicy defaultPolicy) {
        this.world = world;
        this.defaultPolicy = defaultPolicy;
    }

    /** Takes up what the disk holds; a new instance of the program, or the same one after an abort. */
    void start() {
        long mine = ++life;
        up = true;
        world.history.note(() -> "ledger starts");
        world.guarded(() -> "ledger starts", () -> {
            if (task != null && world.random.nextBoolean()) {
                task.begin();
            } else {
                task = new LedgerTask(defaultPolicy, this::history, disk, this::wallMillis, this::nanos);
            }
        });
        world.witness.ledgerStarted();
        in(mine, world.upTo(TICK_NANOS), this::tick);
        work();
    }

    private void in(long mine, long delayNanos, Runnable task) {
        world.agenda.in(delayNanos, () -> {
            if (life == mine) {
                task.run();
            }
        });
    }

    private ControlHistory.Decided history(int partition) {
        return new ControlHistory.Decided(world.control.newest(Topic.TENANT, TenantRecord.class),
                world.control.newest(Topic.QUOTA_POLICY, QuotaPolicy.class),
                world.control.newest(Topic.QUOTA_GRANT, QuotaGrant.class),
                world.control.newest(Topic.REVOCATION, Revocation.class), List.of(),
                world.control.newest(Topic.QUOTA_SHARE, QuotaShare.class));
    }

    /** Every machine's monotonic clock begins somewhere. */
    private long nanos() {
        return life * 0x9E3779B97F4A7C15L + world.agenda.nowNanos();
    }

    long wallMillis() {
        return Math.floorDiv(world.wallNanos() + skewNanos, MILLI);
    }

    void setClock(long skew) {
        skewNanos = skew;
        world.history.note(() -> "the ledger's clock is wrong by " + skew / MILLI + " ms");
    }

    void report(byte[] record) {
        usage.add(record);
        work();
    }

    void command(TenantCommand command) {
        commands.add(RecordCodec.encode(command));
        work();
    }

    private boolean hasInput() {
        return usageRead < usage.size() || commandsRead < commands.size();
    }

    private void work() {
        if (!working && up && hasInput()) {
            working = true;
            in(life, world.upTo(2 * MILLI), this::step);
        }
    }

    private void step() {
        working = false;
        boolean command = commandsRead < commands.size()
                && (usageRead == usage.size() || world.random.nextBoolean());
        byte[] record = command ? commands.get(commandsRead++) : usage.get(usageRead++);
        if (command) {
            TenantCommand asked = RecordCodec.decode(record, TenantCommand.class);
            turn(new Witness.Consumed(null, asked), () -> task.process(asked.getTenantId(), record));
        } else {
            TenantNodeUsage report = RecordCodec.decode(record, TenantNodeUsage.class);
            turn(new Witness.Consumed(report, null), () -> task.process(Simulation.TENANT, record));
        }
        planCommit();
        work();
    }

    private void tick() {
        turn(new Witness.Consumed(null, null), task::tick);
        planCommit();
        in(life, TICK_NANOS, this::tick);
    }

    private void turn(Witness.Consumed consumed, Runnable work) {
        world.guarded(() -> "the ledger takes " + consumed.text(), work);
        List<LedgerTask.Published> published = task.takePublished();
        uncommitted.addAll(published);
        published.forEach(record -> world.history.note(() -> "  ledger: " + text(record)));
        world.witness.turned(consumed, published);
    }

    private static String text(LedgerTask.Published record) {
        if (record.value() instanceof QuotaGrant grant) {
            return "grant " + grant.getPeriodId() + " seq " + grant.getGrantSeq() + " of " + grant.getGrantBytes()
                    + " drawn " + grant.getDrawnBytes() + " for " + grant.getNodeId() + '/' + grant.getNodeEpoch() + '/'
                    + Long.toHexString(grant.getProcessNonce()) + ' ' + grant.getState()
                    + (grant.getRecall() ? " recall" : "") + (grant.getClosed() ? " closed" : "")
                    + SimulatedLink.ofUser(grant);
        }
        return record.value() instanceof QuotaAudit audit
                ? audit.getKind() + " " + audit.getReason()
                : record.topic().topicName();
    }

    private void planCommit() {
        if (!commitPlanned) {
            commitPlanned = true;
            in(life, world.upTo(100 * MILLI), this::commit);
        }
    }

    private void commit() {
        commitPlanned = false;
        disk.commit();
        usageCommitted = usageRead;
        commandsCommitted = commandsRead;
        for (LedgerTask.Published record : uncommitted) {
            if (record.topic() != Topic.QUOTA_AUDIT) {
                world.control.append(record.topic(), record.key(), record.value());
            }
        }
        boolean grew = !uncommitted.isEmpty();
        uncommitted.clear();
        world.witness.committed();
        if (grew) {
            world.nodes.forEach(node -> node.link.controlGrew());
        }
    }

    /** Dies in its transaction; what was not committed never was, and is read again. */
    void kill(boolean losesStore, long downNanos) {
        world.history.note(() -> "ledger dies" + (losesStore ? " and loses its store" : ""));
        abort();
        if (losesStore) {
            disk.lose();
        }
        in(life, downNanos, this::start);
    }

    private void abort() {
        life++;
        up = false;
        disk.abort();
        uncommitted.clear();
        usageRead = usageCommitted;
        commandsRead = commandsCommitted;
        working = false;
        commitPlanned = false;
        world.witness.aborted();
    }

    /** Whether all that was written is read and committed. */
    boolean isIdle() {
        return usageCommitted == usage.size() && commandsCommitted == commands.size();
    }
}
