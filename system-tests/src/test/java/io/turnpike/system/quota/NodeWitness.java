package io.turnpike.system.quota;

import static io.turnpike.system.quota.Invariant.*;

import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.node.quota.Admission;
import io.turnpike.node.quota.NodeBooks;
import io.turnpike.telemetry.ledger.QuotaAccount;
import java.time.Duration;
import java.time.Instant;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Sees what nodes do, and holds it against their books and against the ledger. */
final class NodeWitness {
    /** What began before the faults ended may still be late. */
    private static final long GRACE_NANOS = Duration.ofSeconds(10).toNanos();

    private final Simulation world;
    private final Map<Object, long[]> looks = new IdentityHashMap<>();

    NodeWitness(Simulation world) {
        this.world = world;
    }

    private LedgerFacts facts() {
        return world.witness.facts();
    }

    /** Bytes were forwarded on the account of the position. */
    void forwarded(SimulatedNode node, NodeBooks.Position position, int bytes) {
        SimulatedNode.Tally tally = node.tally(position.periodId());
        if (position.bound()) {
            tally.boundBytes += bytes;
            require(!node.link.isFencedByRecord(), OLDER_TWIN_IS_FENCED, "%s spends on", node.name());
        } else {
            tally.unboundBytes += bytes;
            require(!position.periodId().isEmpty() || node.table.isFenced(), BYTES_ARE_BOOKED,
                    "%s forwards into no period", node.name());
            QuotaPolicy policy = node.link.policy() == null ? world.operator.defaultPolicy() : node.link.policy();
            require(!(LedgerFacts.isLimited(policy) && node.toldPolicyEpoch() >= policy.getPolicyEpoch()),
                    ARMED_PROCESSES_NEED_CREDIT, "%s forwards without a grant under policy %d", node.name(),
                    policy.getPolicyEpoch());
        }
        checkForwarded(position.periodId());
    }

    void refused(SimulatedNode node, NodeBooks.Position position, int bytes) {
        SimulatedNode.Tally tally = node.tally(position.periodId());
        if (position.bound()) {
            tally.boundBytes -= bytes;
        } else {
            tally.unboundBytes -= bytes;
            tally.refundedUnboundBytes += bytes;
        }
        tally.refundedBytes += bytes;
    }

    void checkForwarded(String periodId) {
        if (facts().limited() && !world.witness.grantsWereLost() && !world.witness.periodEnds().isLongOver(periodId)) {
            long bytes = settledForwards(periodId) - liftedIn(periodId);
            require(bytes <= facts().boundOf(periodId), FORWARDED_WITHIN_QUOTA, "%d of %d in %s", bytes,
                    facts().boundOf(periodId), periodId);
        }
    }

    /** What nodes let be drawn beyond grants; it is checked by itself, and charged when they report. */
    private long liftedIn(String periodId) {
        return world.processes.stream().mapToLong(node -> node.lifted.getOrDefault(periodId, 0L)).sum();
    }

    private void checkLifted(SimulatedNode node, NodeBooks.Entry entry, long before) {
        long lifted = node.lifted.getOrDefault(entry.periodId(), 0L);
        switch (world.weather.onControlLoss()) {
            case STOP, UNKNOWN -> require(lifted == 0, GRACE_IS_BOUNDED, "%s goes on under STOP", node.name());
            case SAFE_RATE -> {
                long ofDisk = world.processes.stream().filter(other -> other.disk == node.disk)
                        .mapToLong(other -> other.lifted.getOrDefault(entry.periodId(), 0L)).sum();
                require(ofDisk <= world.weather.graceBytes(), GRACE_IS_BOUNDED, "%s went on by %d of %d in %s",
                        node.name(), ofDisk, world.weather.graceBytes(), entry.periodId());
            }
            case ALLOW -> {
                // nothing bounds it
            }
        }
        require(lifted <= before || world.calmNanos() < GRACE_NANOS, GRACE_ONLY_WITHOUT_CONTROL,
                "%s goes on beyond its grants, and nothing is wrong", node.name());
    }

    /** All that was forwarded in the period but for what processes forwarded before they told that they enforce it. */
    long settledForwards(String periodId) {
        long bytes = 0;
        for (SimulatedNode node : world.processes) {
            SimulatedNode.Tally tally = node.forwarded.get(periodId);
            if (tally != null) {
                bytes += facts().isArmed(node.name())
                        ? tally.bytes()
                        : Math.max(0, tally.boundBytes - tally.refundedUnboundBytes);
            }
        }
        return bytes;
    }

    void answered(SimulatedNode node, long afterNanos, boolean atOnce, Admission answer) {
        if (world.calmNanos() > GRACE_NANOS && !node.isStopping()) {
            require(afterNanos <= Duration.ofMillis(450).toNanos(), ADMISSION_IS_ANSWERED, "after %d ns", afterNanos);
        }
        if (atOnce && answer instanceof Admission.Admitted && node.books.position().bound()) {
            NodeBooks.Entry current = node.books.entries().get(0);
            boolean laidBack = node.tally(current.periodId()).refundedBytes > 0;
            require(current.grantSeq() > 0 || laidBack || current.liftedBytes() > 0, ADMITTED_WITH_CREDIT_ONLY,
                    "%s admits without a grant",
                    node.name());
        }
    }

    /** Looks into the books of a node after its step. */
    void look(SimulatedNode node) {
        world.witness.users().look(node);
        Map<String, Long> spent = new TreeMap<>();
        boolean holds = false;
        for (NodeBooks.Entry entry : node.books.entries()) {
            holds |= entry.grantSeq() > 0 && entry.unspentBytes() > 0 && !entry.unacknowledged();
            long[] before = looks.computeIfAbsent(entry.id(), id -> new long[1]);
            require(entry.drawnBytes() >= before[0], USE_NEVER_FALLS, "%s has drawn %d after %d", node.name(),
                    entry.drawnBytes(), before[0]);
            checkPeriodBinds(node, entry, before[0]);
            before[0] = entry.drawnBytes();
            if (!entry.periodId().isEmpty()) {
                long liftedBefore = node.lifted.getOrDefault(entry.periodId(), 0L);
                node.lifted.put(entry.periodId(), entry.liftedBytes());
                checkLifted(node, entry, liftedBefore);
                spent.merge(entry.periodId(), entry.spentBytes(), Long::sum);
                checkAgainstLedger(node, entry);
            }
        }
        spent.forEach((periodId, bytes) -> checkBooked(node, periodId, bytes));
        if (holds && !node.isStopping() && node.isAlive() && !node.isSuspended()) {
            require(node.nanosSinceReport() <= world.weather.reportInterval().toNanos() * 3 + Duration.ofSeconds(2)
                    .toNanos() || world.calmNanos() < GRACE_NANOS, HOLDERS_REPORT, "%s holds credit and is silent",
                    node.name());
        }
    }

    /** Where no grant has named the period the node has its own end of it, by the zone of the policy that it follows. */
    private void checkPeriodBinds(SimulatedNode node, NodeBooks.Entry entry, long drawnBefore) {
        Instant end = entry.grantSeq() > 0 ? world.witness.periodEnds().endOf(entry.periodId()).orElse(null) : null;
        if (end != null && node.forwarded.values().stream().allMatch(tally -> tally.unboundBytes == 0)) {
            require(entry.drawnBytes() == drawnBefore
                    || Instant.ofEpochSecond(0, node.wallNanos()).isBefore(end), PERIOD_BINDS_DRAWS,
                    "%s draws %d from %s after its end", node.name(), entry.drawnBytes() - drawnBefore,
                    entry.periodId());
        }
    }

    private void checkBooked(SimulatedNode node, String periodId, long spent) {
        SimulatedNode.Tally tally = node.forwarded.get(periodId);
        if (tally != null) {
            QuotaAccount account = facts().accounts.get(node.account(periodId).text());
            long settled = account != null && account.closed() ? account.spentBytes() : 0;
            require(tally.bytes() <= spent + settled, BYTES_ARE_BOOKED, "%s forwarded %d in %s and booked %d",
                    node.name(), tally.bytes(), periodId, spent + settled);
            require(settled > 0 || node.table.isFenced() || spent <= tally.bytes() + tally.refundedBytes,
                    BYTES_ARE_BOOKED,
                    "%s booked %d in %s and forwarded %d", node.name(), spent, periodId, tally.bytes());
        }
    }

    private void checkAgainstLedger(SimulatedNode node, NodeBooks.Entry entry) {
        if (world.witness.grantsWereLost() || world.witness.periodEnds().isLongOver(entry.periodId())) {
            return;
        }
        QuotaAccount account = facts().accounts.get(node.account(entry.periodId()).text());
        boolean isBound = Optional.ofNullable(node.forwarded.get(entry.periodId()))
                .map(t -> t.unboundBytes + t.refundedBytes)
                .orElse(0L) == 0;
        if (account == null) {
            require(entry.grantSeq() == 0 && (entry.unspentBytes() == 0), CAP_WITHIN_CHARGE,
                    "%s may draw %d in %s, and the ledger has no such account", node.name(), entry.capBytes(),
                    entry.periodId());
            return;
        }
        require(entry.grantSeq() <= account.grantSeq(), NO_UNKNOWN_GRANT, "%s holds grant %d of %d", node.name(),
                entry.grantSeq(), account.grantSeq());
        long most = node.isAlive() ? entry.capBytes() : entry.drawnBytes();
        if (isBound && !node.table.isFenced() || node.isAlive() && entry.unspentBytes() > 0) {
            require(most - entry.liftedBytes() <= Witness.chargeOf(account), CAP_WITHIN_CHARGE,
                    "%s may draw %d in %s and is charged with %d", node.name(), most, entry.periodId(),
                    Witness.chargeOf(account));
        }
        require(node.isAlive() || !isBound || !account.closed()
                || entry.drawnBytes() - forwardedInNoPeriod(node) <= Witness.chargeOf(account), SETTLED_ABOVE_USE,
                "%s has drawn %d in %s and is settled at %d", node.name(), entry.drawnBytes(), entry.periodId(),
                Witness.chargeOf(account));
    }

    /** What a process that was fenced, and settled, forwards under OFF has no period before the process stops. */
    private static long forwardedInNoPeriod(SimulatedNode node) {
        SimulatedNode.Tally tally = node.forwarded.get("");
        return tally == null ? 0 : tally.unboundBytes + tally.refundedUnboundBytes;
    }

    /** The holder of the account may not draw beyond it, dead or alive. */
    void checkHolder(QuotaAccount account) {
        for (SimulatedNode node : world.processes) {
            if (node.name().equals(Witness.processOf(account))) {
                for (NodeBooks.Entry entry : node.books.entries()) {
                    if (entry.periodId().equals(account.key().periodId())) {
                        checkAgainstLedger(node, entry);
                    }
                }
            }
        }
    }
}
