package io.turnpike.system.quota;

import static io.turnpike.system.quota.Invariant.*;

import io.turnpike.contract.QuotaPeriod;
import io.turnpike.contract.Topic;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.TenantCommand;
import io.turnpike.events.v1.QuotaAccountReport;
import io.turnpike.events.v1.TenantNodeUsage;
import io.turnpike.node.quota.Admission;
import io.turnpike.node.quota.NodeBooks;
import io.turnpike.telemetry.ledger.PeriodTotals;
import io.turnpike.telemetry.ledger.QuotaAccount;
import io.turnpike.telemetry.ledger.QuotaScope;
import io.turnpike.telemetry.ledger.QuotaStanding;
import io.turnpike.telemetry.ledger.QuotaSummary;
import io.turnpike.telemetry.store.LedgerStores;
import io.turnpike.telemetry.topology.LedgerTask;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Sees all sides at once, and says in each step whether each {@link Invariant} holds. */
final class Witness {
    private static final long MOST_SIZE_SECONDS = 300;
    private static final long FLOOR_BYTES = 16 * 1024;
    private static final long TAIL_FLOOR_BYTES = 4 * 1024;
    private static final long ORDINARY_BYTES = 1024 * 1024;
    private static final Duration SILENCE = Duration.ofSeconds(15);
    private static final Duration SHORTEST_MEMORY = Duration.ofDays(2);
    /** What began before the faults ended may still be late. */
    private static final long GRACE_NANOS = Duration.ofSeconds(10).toNanos();
    private static final String TENANT = Simulation.TENANT;

    /** What a turn of the ledger consumed: a report, a command, or nothing but time. */
    record Consumed(TenantNodeUsage report, TenantCommand command) {
        String text() {
            if (report != null) {
                return "report " + report.getHeader().getNodeSeq() + " of " + processOf(report) + ' '
                        + report.getAccounts();
            }
            return command != null ? command.getAction().toString() : "a tick";
        }
    }

    private final Simulation world;
    private final UserWitness users;
    private final Map<Object, long[]> looks = new IdentityHashMap<>();
    private final Map<String, Instant> periodEnds = new TreeMap<>();
    private final Set<String> touchedSinceCommit = new TreeSet<>();
    private final Map<String, Long> newestEpochs = new TreeMap<>();
    private final Map<String, Long> newestNonces = new TreeMap<>();
    private final List<String> alarms = new ArrayList<>();
    private final Set<String> adopted = new TreeSet<>();
    private LedgerFacts facts;
    private LedgerFacts committed;
    private QuotaStanding quota;
    private long committedPolicyEpoch;
    private long turns;
    private boolean grantsWereLost;

    Witness(Simulation world, QuotaPolicy defaultPolicy) {
        this.world = world;
        users = new UserWitness(world);
        facts = new LedgerFacts(defaultPolicy);
        committed = new LedgerFacts(facts);
    }

    /** Sees the same of users. */
    UserWitness users() {
        return users;
    }

    LedgerFacts facts() {
        return facts;
    }

    Optional<QuotaPeriod> period() {
        return Optional.ofNullable(quota).map(QuotaStanding::period);
    }

    /** Whether the period is over by the ledger's clock; what a node never saw of it may stay unsettled. */
    boolean isOver(String periodId) {
        Instant end = periodEnds.get(periodId);
        return end != null && !Instant.ofEpochMilli(world.ledger.wallMillis()).isBefore(end);
    }

    /** From here on grants are missing in the topic: what only they said cannot hold. */
    void grantsAreLost() {
        grantsWereLost = true;
    }

    boolean grantsWereLost() {
        return grantsWereLost;
    }

    static String processOf(TenantNodeUsage report) {
        return report.getHeader().getNodeId() + '/' + report.getHeader().getNodeEpoch() + '/'
                + Long.toHexString(report.getProcessNonce());
    }

    static String processOf(QuotaAccount account) {
        return account.key().nodeId() + '/' + account.key().nodeEpoch() + '/'
                + Long.toHexString(account.key().processNonce());
    }

    /** What the account must be charged with, whatever the ledger thinks (rule 10). */
    static long chargeOf(QuotaAccount account) {
        return Math.max(account.grantBytes(), account.drawnBytes());
    }

    static long unspentOf(QuotaAccount account) {
        return Math.max(0, account.grantBytes() - account.drawnBytes());
    }

    private static void require(boolean holds, Invariant invariant, String detail, Object... values) {
        if (!holds) {
            throw new InvariantBroken(invariant, String.format(detail, values));
        }
    }

    // What nodes do

    /** Bytes were forwarded on the account of the position. */
    void forwarded(SimulatedNode node, NodeBooks.Position position, int bytes) {
        SimulatedNode.Tally tally = node.tally(position.periodId());
        if (position.bound()) {
            tally.boundBytes += bytes;
            require(!node.isFencedByRecord(), OLDER_TWIN_IS_FENCED, "%s spends on", node.name());
        } else {
            tally.unboundBytes += bytes;
            require(!position.periodId().isEmpty() || node.table.isFenced(), BYTES_ARE_BOOKED,
                    "%s forwards into no period", node.name());
            QuotaPolicy policy = node.policy() == null ? world.defaultPolicy : node.policy();
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

    private void checkForwarded(String periodId) {
        if (facts.limited() && !grantsWereLost && !isLongOver(periodId)) {
            long bytes = settledForwards(periodId) - liftedIn(periodId);
            require(bytes <= facts.boundOf(periodId), FORWARDED_WITHIN_QUOTA, "%d of %d in %s", bytes,
                    facts.boundOf(periodId), periodId);
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
    private long settledForwards(String periodId) {
        long bytes = 0;
        for (SimulatedNode node : world.processes) {
            SimulatedNode.Tally tally = node.forwarded.get(periodId);
            if (tally != null) {
                bytes += facts.isArmed(node.name())
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
        users.look(node);
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

    private void checkPeriodBinds(SimulatedNode node, NodeBooks.Entry entry, long drawnBefore) {
        Instant end = periodEnds.get(entry.periodId());
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
            QuotaAccount account = facts.accounts.get(keyOf(node, periodId));
            long settled = account != null && account.closed() ? account.spentBytes() : 0;
            require(tally.bytes() <= spent + settled, BYTES_ARE_BOOKED, "%s forwarded %d in %s and booked %d",
                    node.name(), tally.bytes(), periodId, spent + settled);
            require(settled > 0 || node.table.isFenced() || spent <= tally.bytes() + tally.refundedBytes,
                    BYTES_ARE_BOOKED,
                    "%s booked %d in %s and forwarded %d", node.name(), spent, periodId, tally.bytes());
        }
    }

    private void checkAgainstLedger(SimulatedNode node, NodeBooks.Entry entry) {
        if (grantsWereLost || isLongOver(entry.periodId())) {
            return;
        }
        QuotaAccount account = facts.accounts.get(keyOf(node, entry.periodId()));
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
            require(most - entry.liftedBytes() <= chargeOf(account), CAP_WITHIN_CHARGE,
                    "%s may draw %d in %s and is charged with %d", node.name(), most, entry.periodId(),
                    chargeOf(account));
        }
        require(node.isAlive() || !isBound || !account.closed() || entry.drawnBytes() <= chargeOf(account),
                SETTLED_ABOVE_USE, "%s has drawn %d in %s and is settled at %d", node.name(), entry.drawnBytes(),
                entry.periodId(), chargeOf(account));
    }

    private static String keyOf(SimulatedNode node, String periodId) {
        return new io.turnpike.contract.QuotaAccountKey(TENANT, periodId, node.identity.nodeId(),
                node.identity.epoch(), node.identity.processNonce(), "").text();
    }

    // What the ledger does

    void ledgerStarted() {
        newestEpochs.clear();
        newestNonces.clear();
        alarms.clear();
    }

    /** A turn of the ledger is over; not committed yet. */
    void turned(Consumed consumed, List<LedgerTask.Published> published) {
        turns++;
        LedgerFacts before = new LedgerFacts(facts);
        for (LedgerTask.Published record : published) {
            if (record.value() instanceof QuotaGrant grant) {
                periodEnds.merge(grant.getPeriodId(), grant.getPeriodEnd(), (a, b) -> a.isAfter(b) ? a : b);
            } else if (record.value() instanceof QuotaAudit audit && audit.getKind() == AuditKind.ALARM) {
                alarms.add(audit.getReason());
            } else if (record.value() instanceof QuotaPolicy policy) {
                followPolicy(before, policy);
            }
        }
        if (consumed.report() != null) {
            acknowledge(before, consumed.report());
        }
        boolean storeWasFilled = readAccounts(before, consumed);
        checkSums();
        if (!storeWasFilled) {
            checkPeriod(before);
        }
        quota = world.ledger.disk.get(LedgerStores.QUOTAS, TENANT) == null
                ? null
                : QuotaStanding.fromBytes(world.ledger.disk.get(LedgerStores.QUOTAS, TENANT));
        world.shareWitness.followed(facts.policy);
        facts.charges.keySet().forEach(this::checkForwarded);
        if (consumed.report() != null) {
            checkTwins(consumed.report());
        }
        if (consumed.command() != null || turns % 8 == 0) {
            checkStatus();
        }
    }

    private void followPolicy(LedgerFacts before, QuotaPolicy policy) {
        require(policy.getPolicyEpoch() > Math.max(committedPolicyEpoch, before.policy.getPolicyEpoch()),
                POLICY_EPOCH_GROWS, "%d after %d", policy.getPolicyEpoch(), before.policy.getPolicyEpoch());
        facts.policy = policy;
        if (!facts.limited()) {
            facts.bounds.clear();
            return;
        }
        if (!before.limited()) {
            facts.limitedSinceEpoch = policy.getPolicyEpoch();
        }
        facts.bounds.clear();
        before.charges.forEach((periodId, charge) -> facts.bounds.put(periodId,
                Math.max(policy.getVolumeBytes(), charge)));
    }

    /** A process that tells for the first time that it enforces the volume brings what it forwarded before. */
    private void acknowledge(LedgerFacts before, TenantNodeUsage report) {
        if (!report.getHeader().getUserId().isEmpty()) {
            return;
        }
        String process = processOf(report);
        long epoch = report.getPolicyEpochSeen();
        List<QuotaAccountReport> own = report.getAccounts().stream().filter(account -> isOfSender(report, account))
                .toList();
        for (QuotaAccountReport account : own) {
            epoch = Math.max(epoch, account.getPolicyEpoch());
            facts.rates.merge(process, account.getRateBytesPerSecond(), Math::max);
        }
        String running = period().map(QuotaPeriod::id).orElse("");
        boolean ofNow = own.stream().anyMatch(account -> account.getPeriodId().equals(running));
        if (ofNow && facts.reportSeqs.getOrDefault(process, -1L) < report.getHeader().getNodeSeq()) {
            facts.reportSeqs.put(process, report.getHeader().getNodeSeq());
            facts.reportedAtMillis.put(process, world.ledger.wallMillis());
        }
        facts.acknowledged.merge(process, epoch, Math::max);
        if (facts.isArmed(process) && !before.isArmed(process)) {
            world.processes.stream().filter(node -> node.name().equals(process)).findFirst()
                    .ifPresent(node -> node.forwarded.forEach((periodId, tally) -> {
                        long unbound = tally.unboundBytes + tally.refundedUnboundBytes;
                        if (unbound > 0) {
                            facts.bounds.put(periodId,
                                    Math.max(facts.boundOf(periodId), before.chargeOf(periodId) + unbound));
                        }
                    }));
        }
    }

    private boolean readAccounts(LedgerFacts before, Consumed consumed) {
        Set<String> changed = world.ledger.disk.takeChanged(LedgerStores.ACCOUNTS);
        boolean filled = world.ledger.disk.takeChanged(LedgerStores.MARKER).contains(LedgerStores.REBUILT);
        Map<String, Long> raises = new TreeMap<>();
        List<QuotaAccount> raised = new ArrayList<>();
        users.read(changed, filled, consumed);
        for (String key : changed.stream().filter(key -> !UserWitness.isOfUser(key)).toList()) {
            touchedSinceCommit.add(key);
            QuotaAccount old = before.accounts.get(key);
            byte[] bytes = world.ledger.disk.get(LedgerStores.ACCOUNTS, key);
            if (bytes == null) {
                forget(old);
                continue;
            }
            QuotaAccount account = QuotaAccount.fromBytes(bytes);
            facts.accounts.put(key, account);
            facts.charges.merge(account.key().periodId(),
                    chargeOf(account) - (old == null ? 0 : chargeOf(old)), Long::sum);
            if (!filled && !isLongOver(account.key().periodId())) {
                checkChange(old, account, consumed);
                long raise = account.grantBytes()
                        - Math.max(old == null ? 0 : old.grantBytes(), account.drawnBytes());
                if (account.grantBytes() > (old == null ? 0 : old.grantBytes())) {
                    raises.merge(account.key().periodId(), raise, Long::sum);
                    raised.add(account);
                }
            }
            checkHolder(account);
        }
        raised.forEach(account -> checkRaise(before, account, raises));
        if (filled) {
            facts.reportedAtMillis.clear();
            adopted.clear();
            checkRebuilt();
        }
        return filled;
    }

    private void forget(QuotaAccount old) {
        if (old != null) {
            facts.accounts.remove(old.key().text());
            String periodId = old.key().periodId();
            facts.charges.merge(periodId, -chargeOf(old), Long::sum);
            if (facts.accounts.values().stream().noneMatch(other -> other.key().periodId().equals(periodId))) {
                facts.charges.remove(periodId);
                facts.bounds.remove(periodId);
            }
            require(isForgettable(periodEnds.getOrDefault(old.key().periodId(), Instant.EPOCH)), CHARGES_ARE_KEPT,
                    "%s is forgotten", old.key().text());
        }
    }

    /** The ledger may have forgotten the period, and what still comes of it is of no use to anybody. */
    boolean isLongOver(String periodId) {
        return isForgettable(periodEnds.getOrDefault(periodId, Instant.MAX));
    }

    private boolean isForgettable(Instant end) {
        return end.isBefore(Instant.MAX)
                && end.plus(SHORTEST_MEMORY).isBefore(Instant.ofEpochMilli(world.ledger.wallMillis()).plusSeconds(600));
    }

    /** After a rebuild everything that the topic says is there. */
    private void checkRebuilt() {
        for (QuotaAccount account : List.copyOf(facts.accounts.values())) {
            if (world.ledger.disk.get(LedgerStores.ACCOUNTS, account.key().text()) == null) {
                // Only what was never granted may be missing: use without a grant comes back with the next report.
                require(account.grantBytes() == 0 || grantsWereLost, TOPIC_HOLDS_EVERY_CHARGE,
                        "%s is not in the rebuilt ledger", account.key().text());
                facts.accounts.remove(account.key().text());
                facts.charges.merge(account.key().periodId(), -chargeOf(account), Long::sum);
            }
        }
        world.control.grants().filter(entry -> !UserWitness.isOfUser(entry)).forEach(entry -> {
            QuotaGrant grant = (QuotaGrant) entry.record();
            QuotaAccount account = facts.accounts.get(entry.key());
            require(isForgettable(grant.getPeriodEnd())
                    || account != null && (account.grantBytes() >= grant.getGrantBytes()
                            || account.grantSeq() > grant.getGrantSeq()),
                    TOPIC_HOLDS_EVERY_CHARGE,
                    "%s has %d in the topic and not in the rebuilt ledger", entry.key(), grant.getGrantBytes());
        });
    }

    private void checkChange(QuotaAccount old, QuotaAccount account, Consumed consumed) {
        boolean ownReport = consumed.report() != null
                && consumed.report().getHeader().getNodeId().equals(account.key().nodeId())
                && consumed.report().getAccounts().stream()
                        .anyMatch(report -> report.getPeriodId().equals(account.key().periodId())
                                && report.getUserId().equals(account.key().userId())
                                && report.getNodeEpoch() == account.key().nodeEpoch()
                                && report.getProcessNonce() == account.key().processNonce());
        boolean wasAdopted = adopted.contains(account.key().text());
        if (ownReport && grantsWereLost) {
            checkAdopted(old, account, consumed.report());
        }
        if (old == null) {
            return;
        }
        String name = account.key().text();
        require(account.drawnBytes() >= old.drawnBytes() && account.spentBytes() >= old.spentBytes(), USE_NEVER_FALLS,
                "%s: drawn %d after %d", name, account.drawnBytes(), old.drawnBytes());
        require(account.grantSeq() >= old.grantSeq(), SEQUENCE_GROWS, "%s: %d after %d", name, account.grantSeq(),
                old.grantSeq());
        require(account.grantBytes() == old.grantBytes() || account.grantSeq() > old.grantSeq() || grantsWereLost,
                SEQUENCE_GROWS, "%s has %d after %d under one sequence", name, account.grantBytes(), old.grantBytes());
        require(chargeOf(account) >= chargeOf(old) || ownReport, LOWERED_BY_ITS_HOLDER_ONLY,
                "%s is charged with %d after %d by %s", name, chargeOf(account), chargeOf(old),
                consumed.text());
        require(!old.closed() || account.closed() && account.grantBytes() <= old.grantBytes() || grantsWereLost,
                FINAL_IS_FINAL, "%s has %d after it was settled at %d", name, account.grantBytes(), old.grantBytes());
        require(account.grantBytes() <= old.grantBytes() || consumed.report() != null || consumed.command() != null,
                RAISED_BY_A_RECORD_ONLY, "%s has %d after %d", name, account.grantBytes(), old.grantBytes());
        require(account.grantBytes() <= old.grantBytes() || !wasAdopted || isMore(consumed.report(), old),
                UNKNOWN_GRANTS_ARE_ADOPTED,
                "%s is granted more", name);
    }

    private static boolean isOfSender(TenantNodeUsage usage, QuotaAccountReport report) {
        return usage.getHeader().getNodeEpoch() == report.getNodeEpoch()
                && usage.getProcessNonce() == report.getProcessNonce();
    }

    private static boolean isMore(TenantNodeUsage usage, QuotaAccount known) {
        return usage != null
                && usage.getAccounts().stream().anyMatch(report -> report.getGrantSeq() > known.grantSeq());
    }

    private void checkAdopted(QuotaAccount old, QuotaAccount account, TenantNodeUsage usage) {
        for (QuotaAccountReport report : usage.getAccounts()) {
            boolean mine = report.getPeriodId().equals(account.key().periodId())
                    && report.getUserId().equals(account.key().userId()) && isOfSender(usage, report);
            if (mine && report.getGrantSeq() > (old == null ? 0 : old.grantSeq()) && !account.closed()) {
                require(account.grantSeq() >= report.getGrantSeq(), UNKNOWN_GRANTS_ARE_ADOPTED, "%s: %d of %d",
                        account.key().text(), account.grantSeq(), report.getGrantSeq());
                require(report.getPolicyEpoch() < facts.policy.getPolicyEpoch()
                        || chargeOf(account) >= report.getCapBytes(),
                        UNKNOWN_GRANTS_ARE_ADOPTED, "%s is charged with %d and may draw %d", account.key().text(),
                        chargeOf(account), report.getCapBytes());
                require(alarms.stream().anyMatch(alarm -> alarm.contains("of which the ledger does not know")),
                        UNKNOWN_GRANTS_ARE_ADOPTED, "no alarm for %s", account.key().text());
                adopted.add(account.key().text());
            }
        }
    }

    /** The holder of the account may not draw beyond it, dead or alive. */
    private void checkHolder(QuotaAccount account) {
        for (SimulatedNode node : world.processes) {
            if (node.name().equals(processOf(account))) {
                for (NodeBooks.Entry entry : node.books.entries()) {
                    if (entry.periodId().equals(account.key().periodId())) {
                        checkAgainstLedger(node, entry);
                    }
                }
            }
        }
    }

    private void checkRaise(LedgerFacts before, QuotaAccount account, Map<String, Long> raises) {
        if (grantsWereLost) {
            return;
        }
        String periodId = account.key().periodId();
        String process = processOf(account);
        require(facts.isArmed(process), ONLY_ARMED_PROCESSES_ARE_GRANTED, "%s is granted %d in %s", process,
                account.grantBytes(), periodId);
        long volume = facts.policy.getVolumeBytes();
        require(facts.chargeOf(periodId) <= volume, CHARGES_WITHIN_QUOTA, "%d of %d in %s", facts.chargeOf(periodId),
                volume, periodId);
        QuotaAccount old = before.accounts.get(account.key().text());
        long raise = account.grantBytes() - Math.max(old == null ? 0 : old.grantBytes(), account.drawnBytes());
        long left = volume - (facts.chargeOf(periodId) - raises.get(periodId));
        if (account.trickles()) {
            require(raise <= Math.max(TAIL_FLOOR_BYTES, left / 2), GRANT_SIZE, "%d of the tail to %s, of %d left",
                    raise,
                    process, left);
            return;
        }
        long free = left - volume / 100 * facts.policy.getTailPercent();
        long own = facts.accounts.values().stream().filter(other -> processOf(other).equals(process))
                .mapToLong(QuotaAccount::drawnBytes).max().orElse(0);
        long ample = Math.max(facts.rates.getOrDefault(process, 0L) * MOST_SIZE_SECONDS, ORDINARY_BYTES);
        long most = Math.min(Math.max(FLOOR_BYTES, Math.min(ample, free / 4)), Math.max(FLOOR_BYTES, own));
        require(raise <= most, GRANT_SIZE, "%d to %s, which has drawn %d, of %d free", raise, process, own, free);
    }

    private void checkSums() {
        Map<String, long[]> sums = new TreeMap<>();
        for (QuotaAccount account : facts.accounts.values()) {
            long[] sum = sums.computeIfAbsent(account.key().periodId(), id -> new long[3]);
            sum[0] += chargeOf(account);
            sum[1] += account.spentBytes();
            sum[2] += account.grantBytes();
        }
        sums.forEach((periodId, sum) -> {
            byte[] bytes = world.ledger.disk.get(LedgerStores.TOTALS,
                    LedgerStores.prefix(QuotaScope.tenant(TENANT), periodId));
            require(bytes != null, SUMS_ADD_UP, "no sums of %s", periodId);
            PeriodTotals totals = PeriodTotals.fromBytes(bytes);
            require(totals.chargeBytes() == sum[0] && totals.spentBytes() == sum[1] && totals.grantBytes() == sum[2],
                    SUMS_ADD_UP, "%s is charged with %d and not %d", periodId, totals.chargeBytes(), sum[0]);
            require(facts.chargeOf(periodId) == sum[0], SUMS_ADD_UP, "the witness is wrong");
        });
    }

    private void checkPeriod(LedgerFacts before) {
        byte[] bytes = world.ledger.disk.get(LedgerStores.QUOTAS, TENANT);
        if (quota == null || bytes == null) {
            return;
        }
        QuotaPeriod was = quota.period();
        QuotaPeriod is = QuotaStanding.fromBytes(bytes).period();
        require(!is.isOfKindOf(was.id()) || is.id().compareTo(was.id()) >= 0, PERIODS_GO_FORWARD, "%s after %s",
                is.id(), was.id());
        boolean over = !Instant.ofEpochMilli(world.ledger.wallMillis()).isBefore(was.end());
        require(is.id().equals(was.id()) || over || !before.limited(), PERIODS_GO_FORWARD,
                "%s gives way to %s before its end", was.id(), is.id());
    }

    private void checkTwins(TenantNodeUsage report) {
        String nodeId = report.getHeader().getNodeId();
        long epoch = report.getHeader().getNodeEpoch();
        if (report.getAccounts().stream().allMatch(QuotaAccountReport::getFinalReport)) {
            return;
        }
        if (newestEpochs.getOrDefault(nodeId, -1L) < epoch) {
            newestEpochs.put(nodeId, epoch);
            newestNonces.put(nodeId, report.getProcessNonce());
        } else if (newestEpochs.get(nodeId) == epoch && newestNonces.get(nodeId) != report.getProcessNonce()) {
            require(alarms.stream().anyMatch(alarm -> alarm.contains("node " + nodeId + " runs twice")),
                    TWINS_RAISE_AN_ALARM, "%s", nodeId);
        }
    }

    private void checkStatus() {
        if (!facts.limited() || quota == null || grantsWereLost) {
            return;
        }
        Instant now = Instant.ofEpochMilli(world.ledger.wallMillis());
        String periodId = quota.period().id();
        Optional<PeriodTotals> sums = Optional
                .ofNullable(world.ledger.disk.get(LedgerStores.TOTALS,
                        LedgerStores.prefix(QuotaScope.tenant(TENANT), periodId)))
                .map(PeriodTotals::fromBytes);
        List<QuotaAccount> accounts = facts.accounts.values().stream()
                .filter(account -> account.key().periodId().equals(periodId)).toList();
        QuotaSummary summary = QuotaSummary.of(facts.policy, Optional.of(quota), sums, accounts, now);
        if (summary.arming() || !now.isBefore(quota.period().end())) {
            return;
        }
        for (QuotaAccount account : accounts) {
            long silent = now.toEpochMilli()
                    - facts.reportedAtMillis.getOrDefault(processOf(account), Long.MIN_VALUE / 2);
            require(account.closed() || silent >= SILENCE.toMillis() || facts.isArmed(processOf(account)),
                    STATUS_TELLS_THE_TRUTH, "%s has not acknowledged", processOf(account));
        }
        long bytes = settledForwards(periodId);
        long disks = world.processes.stream().map(node -> node.disk).distinct().count();
        long unseen = disks - summary.controlLoss().nodes(); // who serves the tenant for the first time without control
        long claimed = facts.policy.getVolumeBytes() + summary.overshootBoundBytes().orElse(Long.MAX_VALUE / 2)
                + Math.max(0, unseen) * summary.controlLoss().graceBytesPerNode();
        require(bytes <= claimed, STATUS_TELLS_THE_TRUTH, "%d forwarded, and the status claims at most %d%s", bytes,
                claimed, understated(periodId));
    }

    /** Who has forwarded more than he is charged with. */
    private String understated(String periodId) {
        StringBuilder text = new StringBuilder();
        for (SimulatedNode node : world.processes) {
            QuotaAccount account = facts.accounts.get(keyOf(node, periodId));
            long charge = account == null ? 0 : chargeOf(account);
            if (node.forwarded.containsKey(periodId) && node.tally(periodId).bytes() > charge) {
                text.append("; ").append(node.name()).append(" of ").append(node.tally(periodId).bytes())
                        .append(" is charged with ").append(charge);
            }
        }
        return text.toString();
    }

    /** The transaction is committed: its grants can be read now. */
    void committed() {
        committed = new LedgerFacts(facts);
        users.committed();
        committedPolicyEpoch = Math.max(committedPolicyEpoch, facts.policy.getPolicyEpoch());
        for (String key : touchedSinceCommit) {
            QuotaAccount account = facts.accounts.get(key);
            if (account != null && account.grantBytes() > 0 && !grantsWereLost
                    && !isLongOver(account.key().periodId())) {
                ControlLog.Entry entry = world.control.newest(Topic.QUOTA_GRANT, key);
                require(entry != null && entry.record() instanceof QuotaGrant grant
                        && grant.getGrantBytes() == account.grantBytes() && grant.getGrantSeq() == account.grantSeq()
                        && grant.getClosed() == account.closed(), TOPIC_HOLDS_EVERY_CHARGE,
                        "%s is granted %d, and the topic says %s", key, account.grantBytes(),
                        entry == null ? "nothing" : entry.record());
            }
        }
        touchedSinceCommit.clear();
    }

    /** The transaction is aborted: it never was. */
    void aborted() {
        facts = new LedgerFacts(committed);
        users.aborted();
        touchedSinceCommit.clear();
        world.ledger.disk.takeChanged(LedgerStores.ACCOUNTS);
        world.ledger.disk.takeChanged(LedgerStores.MARKER);
        byte[] bytes = world.ledger.disk.get(LedgerStores.QUOTAS, TENANT);
        quota = bytes == null ? null : QuotaStanding.fromBytes(bytes);
    }
}
