package io.turnpike.system.quota;

import static io.turnpike.system.quota.Invariant.*;

import io.turnpike.contract.QuotaAccountKey;
import io.turnpike.contract.QuotaPeriod;
import io.turnpike.events.v1.QuotaAccountReport;
import io.turnpike.events.v1.TenantNodeUsage;
import io.turnpike.telemetry.ledger.PeriodTotals;
import io.turnpike.telemetry.ledger.QuotaAccount;
import io.turnpike.telemetry.ledger.QuotaScope;
import io.turnpike.telemetry.ledger.QuotaStanding;
import io.turnpike.telemetry.ledger.QuotaSummary;
import io.turnpike.telemetry.store.LedgerStores;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Sees what the ledger tells of itself: its period, its alarms, and the status of the quota. */
final class StatusWitness {
    private static final Duration SILENCE = Duration.ofSeconds(15);

    private final Simulation world;
    private final Map<String, Long> newestEpochs = new TreeMap<>();
    private final Map<String, Long> newestNonces = new TreeMap<>();
    private final List<String> alarms = new ArrayList<>();
    private QuotaStanding quota;

    StatusWitness(Simulation world) {
        this.world = world;
    }

    private LedgerFacts facts() {
        return world.witness.facts();
    }

    Optional<QuotaPeriod> period() {
        return Optional.ofNullable(quota).map(QuotaStanding::period);
    }

    void ledgerStarted() {
        newestEpochs.clear();
        newestNonces.clear();
        alarms.clear();
    }

    void alarmed(String reason) {
        require(!reason.contains("drew beyond its allowance") || world.witness.grantsWereLost()
                || world.processes.stream().anyMatch(node -> isOf(node, reason) && forwardedWithoutAGrant(node)),
                ALARMS_ARE_TRUE, "%s", reason);
        alarms.add(reason);
    }

    private static boolean isOf(SimulatedNode node, String reason) {
        String[] name = node.name().split("/");
        return reason.startsWith("node " + name[0] + " epoch " + name[1] + ' ');
    }

    /** A process that was fenced, and settled, forwards on where nothing is enforced. */
    private static boolean forwardedWithoutAGrant(SimulatedNode node) {
        return node.forwarded.values().stream().anyMatch(tally -> tally.unboundBytes + tally.refundedUnboundBytes > 0);
    }

    /** Whether the ledger has raised an alarm with these words since it started. */
    boolean hasAlarm(String words) {
        return alarms.stream().anyMatch(alarm -> alarm.contains(words));
    }

    /** Takes up what the store holds now. */
    void readStanding() {
        byte[] bytes = world.ledger.disk.get(LedgerStores.QUOTAS, Simulation.TENANT);
        quota = bytes == null ? null : QuotaStanding.fromBytes(bytes);
    }

    /**
     * Takes up what the store holds after a turn, and which accounts were reported in it. A report that comes after a newer one
     * of its account is no sign of life, in whatever period the quota was when the newer one came.
     *
     * @param report null for a turn without one
     * @param storeWasFilled that the ledger has filled its store from the topics, which do not say when anybody was heard of
     */
    void hear(LedgerFacts before, TenantNodeUsage report, boolean storeWasFilled) {
        Optional<QuotaPeriod> left = period();
        readStanding();
        if (!storeWasFilled && left.isPresent() && quota != null && !left.get().id().equals(quota.period().id())) {
            rolled(before, left.get().id());
        }
        if (report != null && report.getHeader().getUserId().isEmpty()) {
            boolean isNewest = isNewest(Witness.processOf(report), report);
            report.getAccounts().stream().filter(account -> Witness.isOfSender(report, account))
                    .forEach(account -> reported(report, account, isNewest));
        }
    }

    private boolean isNewest(String whose, TenantNodeUsage report) {
        long seq = report.getHeader().getNodeSeq();
        boolean isNewest = facts().reportSeqs.getOrDefault(whose, -1L) < seq;
        facts().reportSeqs.merge(whose, seq, Math::max);
        return isNewest;
    }

    /** Who was heard of in the old period is as live in the new one, if he has an account there. */
    private void rolled(LedgerFacts before, String left) {
        before.accounts.values().stream().filter(old -> old.key().periodId().equals(left) && !old.closed())
                .forEach(old -> {
                    String key = old.key().in(quota.period().id()).text();
                    Long reportedAt = before.reportedAtMillis.get(old.key().text());
                    if (reportedAt != null && before.accounts.containsKey(key)) {
                        facts().reportedAtMillis.merge(key, reportedAt, Math::max);
                    }
                });
    }

    /**
     * A process names its account as soon as a grant or its policy has: a first contact that is not its newest report is late,
     * but where the account's own newest one is older still.
     */
    private void reported(TenantNodeUsage report, QuotaAccountReport account, boolean isNewest) {
        boolean isFirstContact = account.getPeriodId().isEmpty() && facts().limited() && quota != null;
        String periodId = isFirstContact ? quota.period().id() : account.getPeriodId();
        String key = new QuotaAccountKey(Simulation.TENANT, periodId, report.getHeader().getNodeId(),
                account.getNodeEpoch(), account.getProcessNonce(), account.getUserId()).text();
        boolean isLate = isFirstContact && !isNewest && !facts().reportSeqs.containsKey(key);
        if (!isLate && facts().accounts.containsKey(key) && isNewest(key, report)) {
            facts().reportedAtMillis.put(key, world.ledger.wallMillis());
        }
    }

    void checkPeriod(LedgerFacts before) {
        byte[] bytes = world.ledger.disk.get(LedgerStores.QUOTAS, Simulation.TENANT);
        if (quota == null || bytes == null) {
            return;
        }
        QuotaPeriod was = quota.period();
        QuotaPeriod is = QuotaStanding.fromBytes(bytes).period();
        newest(was);
        String newest = newest(is);
        require(newest.equals(is.id()), PERIODS_GO_FORWARD, "%s after %s", is.id(), newest);
        boolean over = !Instant.ofEpochMilli(world.ledger.wallMillis()).isBefore(was.end());
        boolean enforced = before.limited() && facts().limited();
        require(is.id().equals(was.id()) || over || !enforced, PERIODS_GO_FORWARD,
                "%s gives way to %s before its end", was.id(), is.id());
    }

    /** The newest period of the same length that the quota was in, also where it has left it for another length since. */
    private String newest(QuotaPeriod period) {
        return facts().newestPeriods.merge(period.id().length(), period.id(), (a, b) -> a.compareTo(b) > 0 ? a : b);
    }

    void checkTwins(TenantNodeUsage report) {
        String nodeId = report.getHeader().getNodeId();
        long epoch = report.getHeader().getNodeEpoch();
        if (report.getAccounts().stream().allMatch(QuotaAccountReport::getFinalReport)) {
            return;
        }
        if (newestEpochs.getOrDefault(nodeId, -1L) < epoch) {
            newestEpochs.put(nodeId, epoch);
            newestNonces.put(nodeId, report.getProcessNonce());
        } else if (newestEpochs.get(nodeId) == epoch && newestNonces.get(nodeId) != report.getProcessNonce()) {
            require(hasAlarm("node " + nodeId + " runs twice"),
                    TWINS_RAISE_AN_ALARM, "%s", nodeId);
        }
    }

    void checkStatus() {
        if (!facts().limited() || quota == null || world.witness.grantsWereLost()) {
            return;
        }
        Instant now = Instant.ofEpochMilli(world.ledger.wallMillis());
        String periodId = quota.period().id();
        Optional<PeriodTotals> sums = Optional
                .ofNullable(world.ledger.disk.get(LedgerStores.TOTALS,
                        LedgerStores.prefix(QuotaScope.tenant(Simulation.TENANT), periodId)))
                .map(PeriodTotals::fromBytes);
        List<QuotaAccount> accounts = facts().accounts.values().stream()
                .filter(account -> account.key().periodId().equals(periodId)).toList();
        QuotaSummary summary = QuotaSummary.of(facts().policy, Optional.of(quota), sums, accounts, now);
        if (summary.arming() || !now.isBefore(quota.period().end())) {
            return;
        }
        for (QuotaAccount account : accounts) {
            long silent = now.toEpochMilli()
                    - facts().reportedAtMillis.getOrDefault(account.key().text(), Long.MIN_VALUE / 2);
            require(account.closed() || silent >= SILENCE.toMillis() || facts().isArmed(Witness.processOf(account)),
                    STATUS_TELLS_THE_TRUTH, "%s has not acknowledged", Witness.processOf(account));
        }
        long bytes = world.witness.nodes().settledForwards(periodId);
        long disks = world.processes.stream().map(node -> node.disk).distinct().count();
        long unseen = disks - summary.controlLoss().nodes(); // who serves the tenant for the first time without control
        long claimed = facts().policy.getVolumeBytes() + summary.overshootBoundBytes().orElse(Long.MAX_VALUE / 2)
                + Math.max(0, unseen) * summary.controlLoss().graceBytesPerNode();
        require(bytes <= claimed, STATUS_TELLS_THE_TRUTH, "%d forwarded, and the status claims at most %d%s", bytes,
                claimed, understated(periodId));
    }

    /** Who has forwarded more than he is charged with. */
    private String understated(String periodId) {
        StringBuilder text = new StringBuilder();
        for (SimulatedNode node : world.processes) {
            QuotaAccount account = facts().accounts.get(node.account(periodId).text());
            long charge = account == null ? 0 : Witness.chargeOf(account);
            if (node.forwarded.containsKey(periodId) && node.tally(periodId).bytes() > charge) {
                text.append("; ").append(node.name()).append(" of ").append(node.tally(periodId).bytes())
                        .append(" is charged with ").append(charge);
            }
        }
        return text.toString();
    }
}
