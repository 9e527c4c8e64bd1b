package io.turnpike.system.quota;

import static io.turnpike.system.quota.Invariant.*;

import io.turnpike.contract.QuotaPeriod;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.TenantCommand;
import io.turnpike.events.v1.QuotaAccountReport;
import io.turnpike.events.v1.TenantNodeUsage;
import io.turnpike.telemetry.ledger.QuotaAccount;
import io.turnpike.telemetry.topology.LedgerTask;
import java.util.List;
import java.util.Optional;

/** Sees all sides at once, and says in each step whether each {@link Invariant} holds. */
final class Witness {
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
    private final NodeWitness nodes;
    private final AccountWitness accounts;
    private final StatusWitness status;
    private final UserWitness users;
    private final PeriodEnds periodEnds;
    private LedgerFacts facts;
    private LedgerFacts committed;
    private long committedPolicyEpoch;
    private long turns;
    private boolean grantsWereLost;

    Witness(Simulation world, QuotaPolicy defaultPolicy) {
        this.world = world;
        nodes = new NodeWitness(world);
        accounts = new AccountWitness(world);
        status = new StatusWitness(world);
        users = new UserWitness(world);
        periodEnds = new PeriodEnds(world);
        facts = new LedgerFacts(defaultPolicy);
        committed = new LedgerFacts(facts);
    }

    /** Sees what nodes do. */
    NodeWitness nodes() {
        return nodes;
    }

    StatusWitness status() {
        return status;
    }

    /** Sees what becomes of users' quotas. */
    UserWitness users() {
        return users;
    }

    LedgerFacts facts() {
        return facts;
    }

    /** The period that the ledger is in with the tenant. */
    Optional<QuotaPeriod> period() {
        return status.period();
    }

    /** When the tenant's periods end. */
    PeriodEnds periodEnds() {
        return periodEnds;
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

    static boolean isOfSender(TenantNodeUsage usage, QuotaAccountReport report) {
        return usage.getHeader().getNodeEpoch() == report.getNodeEpoch()
                && usage.getProcessNonce() == report.getProcessNonce();
    }

    void ledgerStarted() {
        status.ledgerStarted();
    }

    /** A turn of the ledger is over; not committed yet. */
    void turned(Consumed consumed, List<LedgerTask.Published> published) {
        turns++;
        LedgerFacts before = new LedgerFacts(facts);
        for (LedgerTask.Published record : published) {
            if (record.value() instanceof QuotaGrant grant) {
                (grant.getUserId().isEmpty() ? periodEnds : users.periodEnds()).follow(grant);
            } else if (record.value() instanceof QuotaAudit audit && audit.getKind() == AuditKind.ALARM) {
                status.alarmed(audit.getReason());
            } else if (record.value() instanceof QuotaPolicy policy) {
                followPolicy(before, policy);
            }
        }
        if (consumed.report() != null) {
            acknowledge(before, consumed.report());
        }
        boolean storeWasFilled = accounts.read(before, consumed, published);
        accounts.checkSums();
        if (!storeWasFilled) {
            status.checkPeriod(before);
        }
        status.hear(before, consumed.report(), storeWasFilled);
        world.shareWitness.followed(facts.policy);
        facts.charges.keySet().forEach(nodes::checkForwarded);
        if (consumed.report() != null) {
            status.checkTwins(consumed.report());
        }
        if (consumed.command() != null || turns % 8 == 0) {
            status.checkStatus();
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

    /** The transaction is committed: its grants can be read now. */
    void committed() {
        committed = new LedgerFacts(facts);
        users.accounts().committed();
        committedPolicyEpoch = Math.max(committedPolicyEpoch, facts.policy.getPolicyEpoch());
        accounts.committed();
    }

    /** The transaction is aborted: it never was. */
    void aborted() {
        facts = new LedgerFacts(committed);
        users.accounts().aborted();
        accounts.aborted();
        status.readStanding();
    }
}
