package io.turnpike.system.quota;

import static io.turnpike.system.quota.Invariant.*;

import io.turnpike.contract.Topic;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.events.v1.QuotaAccountReport;
import io.turnpike.events.v1.TenantNodeUsage;
import io.turnpike.telemetry.ledger.PeriodTotals;
import io.turnpike.telemetry.ledger.QuotaAccount;
import io.turnpike.telemetry.ledger.QuotaScope;
import io.turnpike.telemetry.store.LedgerStores;
import io.turnpike.telemetry.topology.LedgerTask;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Sees what the ledger decides of the tenant's accounts, in its store and in the topic of grants. */
final class AccountWitness {
    private static final long MOST_SIZE_SECONDS = 300;
    private static final long FLOOR_BYTES = 16 * 1024;
    private static final long TAIL_FLOOR_BYTES = 4 * 1024;
    private static final long ORDINARY_BYTES = 1024 * 1024;

    private final Simulation world;
    private final Set<String> touchedSinceCommit = new TreeSet<>();
    private Set<String> adopted = new TreeSet<>();
    private Set<String> committedAdopted = new TreeSet<>();

    AccountWitness(Simulation world) {
        this.world = world;
    }

    private LedgerFacts facts() {
        return world.witness.facts();
    }

    /** Reads what a turn has changed; whether the store was filled from the topics in it. */
    boolean read(LedgerFacts before, Witness.Consumed consumed, List<LedgerTask.Published> published) {
        Set<String> granted = published.stream().filter(record -> record.topic() == Topic.QUOTA_GRANT)
                .map(LedgerTask.Published::key).collect(Collectors.toSet());
        Set<String> changed = world.ledger.disk.takeChanged(LedgerStores.ACCOUNTS);
        boolean filled = world.ledger.disk.takeChanged(LedgerStores.MARKER).contains(LedgerStores.REBUILT);
        Map<String, Long> raises = new TreeMap<>();
        List<QuotaAccount> raised = new ArrayList<>();
        world.witness.users().accounts().read(changed, filled, consumed);
        for (String key : changed.stream().filter(key -> !UserAccountWitness.isOfUser(key)).toList()) {
            touchedSinceCommit.add(key);
            QuotaAccount old = before.accounts.get(key);
            byte[] bytes = world.ledger.disk.get(LedgerStores.ACCOUNTS, key);
            if (bytes == null) {
                forget(old);
                continue;
            }
            QuotaAccount account = QuotaAccount.fromBytes(bytes);
            facts().accounts.put(key, account);
            facts().charges.merge(account.key().periodId(),
                    Witness.chargeOf(account) - (old == null ? 0 : Witness.chargeOf(old)), Long::sum);
            if (!filled && !world.witness.periodEnds().isLongOver(account.key().periodId())) {
                checkChange(old, account, consumed, granted);
                long raise = account.grantBytes()
                        - Math.max(old == null ? 0 : old.grantBytes(), account.drawnBytes());
                if (account.grantBytes() > (old == null ? 0 : old.grantBytes())) {
                    raises.merge(account.key().periodId(), raise, Long::sum);
                    raised.add(account);
                }
            }
            world.witness.nodes().checkHolder(account);
        }
        raised.forEach(account -> checkRaise(before, account, raises));
        if (filled) {
            facts().reportedAtMillis.clear();
            facts().newestPeriods.clear(); // what the quota was in before the running period only nodes know
            adopted.clear();
            checkRebuilt();
        }
        return filled;
    }

    private void forget(QuotaAccount old) {
        if (old != null) {
            facts().accounts.remove(old.key().text());
            String periodId = old.key().periodId();
            facts().charges.merge(periodId, -Witness.chargeOf(old), Long::sum);
            if (facts().accounts.values().stream().noneMatch(other -> other.key().periodId().equals(periodId))) {
                facts().charges.remove(periodId);
                facts().bounds.remove(periodId);
            }
            require(world.witness.periodEnds()
                    .isForgettable(world.witness.periodEnds().endOf(old.key().periodId()).orElse(Instant.EPOCH)),
                    CHARGES_ARE_KEPT,
                    "%s is forgotten", old.key().text());
        }
    }

    /** After a rebuild everything that the topic says is there. */
    private void checkRebuilt() {
        for (QuotaAccount account : List.copyOf(facts().accounts.values())) {
            if (world.ledger.disk.get(LedgerStores.ACCOUNTS, account.key().text()) == null) {
                // Only what was never granted may be missing: use without a grant comes back with the next report.
                require(account.grantBytes() == 0 || world.witness.grantsWereLost(), TOPIC_HOLDS_EVERY_CHARGE,
                        "%s is not in the rebuilt ledger", account.key().text());
                facts().accounts.remove(account.key().text());
                facts().charges.merge(account.key().periodId(), -Witness.chargeOf(account), Long::sum);
            }
        }
        world.control.grants().filter(entry -> !UserAccountWitness.isOfUser(entry)).forEach(entry -> {
            QuotaGrant grant = (QuotaGrant) entry.record();
            QuotaAccount account = facts().accounts.get(entry.key());
            require(world.witness.periodEnds().isForgettable(grant.getPeriodEnd())
                    || account != null && (account.grantBytes() >= grant.getGrantBytes()
                            || account.grantSeq() > grant.getGrantSeq()),
                    TOPIC_HOLDS_EVERY_CHARGE,
                    "%s has %d in the topic and not in the rebuilt ledger", entry.key(), grant.getGrantBytes());
        });
    }

    private void checkChange(QuotaAccount old, QuotaAccount account, Witness.Consumed consumed, Set<String> granted) {
        Optional<QuotaAccountReport> own = reportOf(account, consumed.report());
        boolean ownReport = own.isPresent();
        if (ownReport && world.witness.grantsWereLost()) {
            checkAdopted(old, account, consumed.report(), granted);
        }
        if (old == null) {
            return;
        }
        String name = account.key().text();
        require(account.drawnBytes() >= old.drawnBytes() && account.spentBytes() >= old.spentBytes(), USE_NEVER_FALLS,
                "%s: drawn %d after %d", name, account.drawnBytes(), old.drawnBytes());
        require(account.grantSeq() >= old.grantSeq(), SEQUENCE_GROWS, "%s: %d after %d", name, account.grantSeq(),
                old.grantSeq());
        require(account.grantBytes() == old.grantBytes() || account.grantSeq() > old.grantSeq()
                || world.witness.grantsWereLost(),
                SEQUENCE_GROWS, "%s has %d after %d under one sequence", name, account.grantBytes(), old.grantBytes());
        require(Witness.chargeOf(account) >= Witness.chargeOf(old) || ownReport, LOWERED_BY_ITS_HOLDER_ONLY,
                "%s is charged with %d after %d by %s", name, Witness.chargeOf(account), Witness.chargeOf(old),
                consumed.text());
        require(!old.closed() || account.closed() && account.grantBytes() <= old.grantBytes()
                || world.witness.grantsWereLost(),
                FINAL_IS_FINAL, "%s has %d after it was settled at %d", name, account.grantBytes(), old.grantBytes());
        require(account.grantBytes() <= old.grantBytes() || consumed.report() != null || consumed.command() != null,
                RAISED_BY_A_RECORD_ONLY, "%s has %d after %d", name, account.grantBytes(), old.grantBytes());
        // A lost grant may bear the sequence of the adoption's own: its higher cap alone says that it is unknown (rule 9).
        require(account.grantBytes() <= old.grantBytes() || !adopted.contains(name)
                || own.filter(report -> report.getCapBytes() >= account.grantBytes()).isPresent(),
                UNKNOWN_GRANTS_ARE_ADOPTED, "%s is granted more", name);
    }

    /** What the report says of the account, whichever process sends it. */
    private static Optional<QuotaAccountReport> reportOf(QuotaAccount account, TenantNodeUsage usage) {
        if (usage == null || !usage.getHeader().getNodeId().equals(account.key().nodeId())) {
            return Optional.empty();
        }
        return usage.getAccounts().stream()
                .filter(report -> report.getPeriodId().equals(account.key().periodId())
                        && report.getUserId().equals(account.key().userId())
                        && report.getNodeEpoch() == account.key().nodeEpoch()
                        && report.getProcessNonce() == account.key().processNonce())
                .findFirst();
    }

    private void checkAdopted(QuotaAccount old, QuotaAccount account, TenantNodeUsage usage, Set<String> granted) {
        for (QuotaAccountReport report : usage.getAccounts()) {
            boolean mine = report.getPeriodId().equals(account.key().periodId())
                    && report.getUserId().equals(account.key().userId()) && Witness.isOfSender(usage, report);
            if (mine && report.getGrantSeq() > (old == null ? 0 : old.grantSeq()) && !account.closed()) {
                require(account.grantSeq() >= report.getGrantSeq(), UNKNOWN_GRANTS_ARE_ADOPTED, "%s: %d of %d",
                        account.key().text(), account.grantSeq(), report.getGrantSeq());
                // Where nothing is enforced no cap binds; it is adopted when its process follows a policy that enforces one.
                require(!facts().limited() || report.getPolicyEpoch() < facts().policy.getPolicyEpoch()
                        || Witness.chargeOf(account) >= report.getCapBytes(),
                        UNKNOWN_GRANTS_ARE_ADOPTED, "%s is charged with %d and may draw %d", account.key().text(),
                        Witness.chargeOf(account), report.getCapBytes());
                boolean givenAgain = granted.contains(account.key().text()) && isGivenAgain(account, usage, report);
                require(givenAgain || adopted.contains(account.key().text())
                        || world.witness.status().hasAlarm("of which the ledger does not know"),
                        UNKNOWN_GRANTS_ARE_ADOPTED, "no alarm for %s", account.key().text());
                if (!givenAgain) {
                    adopted.add(account.key().text());
                }
            }
        }
    }

    /**
     * Whether the ledger itself has just given a lost first grant a second time, for what the record says before of the
     * process's other account: then the report tells of nothing unknown. What is adopted goes out under a higher sequence.
     */
    private boolean isGivenAgain(QuotaAccount account, TenantNodeUsage usage, QuotaAccountReport report) {
        return report.getGrantSeq() == 1 && account.grantSeq() == 1 && account.grantBytes() >= report.getCapBytes()
                && facts().isArmed(Witness.processOf(account))
                && usage.getAccounts().stream().takeWhile(other -> other != report)
                        .anyMatch(other -> Witness.isOfSender(usage, other));
    }

    private void checkRaise(LedgerFacts before, QuotaAccount account, Map<String, Long> raises) {
        if (world.witness.grantsWereLost()) {
            return;
        }
        String periodId = account.key().periodId();
        String process = Witness.processOf(account);
        require(facts().isArmed(process), ONLY_ARMED_PROCESSES_ARE_GRANTED, "%s is granted %d in %s", process,
                account.grantBytes(), periodId);
        long volume = facts().policy.getVolumeBytes();
        require(facts().chargeOf(periodId) <= volume, CHARGES_WITHIN_QUOTA, "%d of %d in %s",
                facts().chargeOf(periodId),
                volume, periodId);
        QuotaAccount old = before.accounts.get(account.key().text());
        long raise = account.grantBytes() - Math.max(old == null ? 0 : old.grantBytes(), account.drawnBytes());
        long left = volume - (facts().chargeOf(periodId) - raises.get(periodId));
        if (account.trickles()) {
            require(raise <= Math.max(TAIL_FLOOR_BYTES, left / 2), GRANT_SIZE, "%d of the tail to %s, of %d left",
                    raise,
                    process, left);
            return;
        }
        long free = left - volume / 100 * facts().policy.getTailPercent();
        long own = facts().accounts.values().stream().filter(other -> Witness.processOf(other).equals(process))
                .mapToLong(QuotaAccount::drawnBytes).max().orElse(0);
        long ample = Math.max(facts().rates.getOrDefault(process, 0L) * MOST_SIZE_SECONDS, ORDINARY_BYTES);
        long most = Math.min(Math.max(FLOOR_BYTES, Math.min(ample, free / 4)), Math.max(FLOOR_BYTES, own));
        require(raise <= most, GRANT_SIZE, "%d to %s, which has drawn %d, of %d free", raise, process, own, free);
    }

    void checkSums() {
        Map<String, long[]> sums = new TreeMap<>();
        for (QuotaAccount account : facts().accounts.values()) {
            long[] sum = sums.computeIfAbsent(account.key().periodId(), id -> new long[3]);
            sum[0] += Witness.chargeOf(account);
            sum[1] += account.spentBytes();
            sum[2] += account.grantBytes();
        }
        sums.forEach((periodId, sum) -> {
            byte[] bytes = world.ledger.disk.get(LedgerStores.TOTALS,
                    LedgerStores.prefix(QuotaScope.tenant(Simulation.TENANT), periodId));
            require(bytes != null, SUMS_ADD_UP, "no sums of %s", periodId);
            PeriodTotals totals = PeriodTotals.fromBytes(bytes);
            require(totals.chargeBytes() == sum[0] && totals.spentBytes() == sum[1] && totals.grantBytes() == sum[2],
                    SUMS_ADD_UP, "%s is charged with %d and not %d", periodId, totals.chargeBytes(), sum[0]);
            require(facts().chargeOf(periodId) == sum[0], SUMS_ADD_UP, "the witness is wrong");
        });
    }

    void committed() {
        committedAdopted = new TreeSet<>(adopted);
        for (String key : touchedSinceCommit) {
            QuotaAccount account = facts().accounts.get(key);
            if (account != null && account.grantBytes() > 0 && !world.witness.grantsWereLost()
                    && !world.witness.periodEnds().isLongOver(account.key().periodId())) {
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

    void aborted() {
        adopted = new TreeSet<>(committedAdopted);
        touchedSinceCommit.clear();
        world.ledger.disk.takeChanged(LedgerStores.ACCOUNTS);
        world.ledger.disk.takeChanged(LedgerStores.MARKER);
    }
}
