package io.turnpike.telemetry.ledger;

import io.turnpike.contract.QuotaPeriod;
import io.turnpike.contract.RecordCodec;
import io.turnpike.contract.TenantName;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.control.v1.QuotaState;
import io.turnpike.events.v1.EventHeader;
import io.turnpike.events.v1.QuotaAccountReport;
import io.turnpike.events.v1.TenantNodeUsage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The quota ledger: the single writer of every quota account of its tenants (DESIGN section 8, QUOTA.md). It has no
 * clock and no thread; the task that owns the tenants' partition calls it, one record at a time, and publishes what it
 * decided in the record's transaction. A ledger that is made anew over the same store goes on where the last one ended.
 */
public final class QuotaLedger {
    static {
        RecordCodec.prepareAvro(); // copying a record asks Avro's class filter too
    }

    private final AccountStore store;
    private final QuotaPolicy defaultPolicy;
    private final Map<QuotaScope, OpenQuota> quotas = new HashMap<>();
    private final Rota tenants = new Rota();
    private final Rota users = new Rota();
    private boolean rotasFilled;

    /**
     * @param defaultPolicy policy of a tenant that has none; its tenant id and epoch are not read
     */
    public QuotaLedger(AccountStore store, QuotaPolicy defaultPolicy) {
        this.store = store;
        this.defaultPolicy = defaultPolicy;
    }

    /** Takes a node's report of one tenant, and answers it. The only source of grants beside a policy. */
    public Decisions onReport(TenantNodeUsage usage, Instant now) {
        EventHeader header = usage.getHeader();
        if (!TenantName.isTenantId(header.getTenantId())) {
            return Decisions.NONE;
        }
        QuotaScope tenant = QuotaScope.tenant(header.getTenantId());
        Turn turn = begin(tenant, now);
        if (!usage.getAccounts().stream().allMatch(QuotaAccountReport::getFinalReport)) {
            watchProcess(turn, header, usage.getProcessNonce());
        }
        Map<String, List<QuotaAccountReport>> reports = usage.getAccounts().stream().collect(
                Collectors.groupingBy(QuotaAccountReport::getUserId, LinkedHashMap::new, Collectors.toList()));
        List<Decisions> decisions = new ArrayList<>();
        decisions.add(take(turn, usage, reports.getOrDefault("", List.of())));
        for (Map.Entry<String, List<QuotaAccountReport>> user : reports.entrySet()) {
            if (TenantName.isUserId(user.getKey())) {
                Turn userTurn = begin(new QuotaScope(tenant.tenantId(), user.getKey()), now);
                decisions.add(take(userTurn, usage, user.getValue()));
            }
        }
        return Decisions.of(decisions);
    }

    private static Decisions take(Turn turn, TenantNodeUsage usage, List<QuotaAccountReport> reports) {
        reports.forEach(report -> ReportIntake.take(turn, usage, report));
        if (turn.creditCameBack && turn.open.limited()) {
            Escrow.serveWaiting(turn);
        }
        return end(turn);
    }

    /**
     * Follows the tenant's policy in the store, which has just been written. A raised volume serves at once those who
     * wait; a lowered one takes nothing away (QUOTA.md rule 11), but asks for what is not needed.
     */
    public Decisions onPolicy(String tenantId, Instant now) {
        QuotaScope tenant = QuotaScope.tenant(tenantId);
        List<Decisions> decisions = new ArrayList<>();
        decisions.add(onPolicy(tenant, policyOf(tenantId), now));
        QuotaPolicy ofUsers = quotas.get(tenant).policyOfUsers();
        List<QuotaScope> active = quotas.keySet().stream()
                .filter(scope -> scope.isUser() && scope.tenantId().equals(tenantId)).toList();
        active.forEach(user -> decisions.add(onPolicy(user, ofUsers, now)));
        return Decisions.of(decisions);
    }

    private Decisions onPolicy(QuotaScope scope, QuotaPolicy policy, Instant now) {
        Turn turn = begin(scope, now);
        follow(turn, policy);
        if (turn.open.limited()) {
            StateRule.reopen(turn);
            Escrow.serveWaiting(turn);
            if (turn.open.leftBytes(turn.open.totals) < 0) {
                Escrow.recallAll(turn);
            }
        }
        turn.mustTell |= turn.open.watched() || turn.open.quota.state == QuotaState.EXHAUSTED;
        return end(turn);
    }

    /**
     * Does what time asks for: rolls periods, follows the state, forgets users that are gone. Never grants (QUOTA.md rule
     * 8).
     *
     * @param most tenants, and as many users, looked at in this call; the next call goes on behind them
     */
    public List<Decisions> onTick(Instant now, int most) {
        if (!rotasFilled) {
            rotasFilled = true;
            store.eachScope(this::enrol);
        }
        users.next(most).forEach(user -> rest(user, now));
        return tenants.next(most).stream().map(tenant -> end(begin(tenant, now)))
                .filter(decisions -> decisions != Decisions.NONE).toList();
    }

    private void enrol(QuotaScope scope) {
        (scope.isUser() ? users : tenants).add(scope);
    }

    /** Users are many: who is silent leaves the memory, and long after his last period the store. */
    private void rest(QuotaScope user, Instant now) {
        OpenQuota open = quotas.get(user);
        if (open != null && open.isSilent(now)) {
            quotas.remove(user);
        }
        if (store.quota(user).filter(known -> !PeriodRoll.forgetIfAbsent(known, store, now)).isEmpty()) {
            quotas.remove(user);
            users.remove(user);
        }
    }

    private Turn begin(QuotaScope scope, Instant now) {
        OpenQuota open = quotas.get(scope);
        boolean unknown = false;
        if (open == null) {
            QuotaPolicy policy = policyOf(scope);
            QuotaStanding quota = store.quota(scope).orElse(null);
            unknown = quota == null;
            if (unknown) {
                quota = new QuotaStanding(scope, firstPeriod(scope, policy, now));
            }
            open = new OpenQuota(store, quota, policy);
            quotas.put(scope, open);
            if (rotasFilled) {
                enrol(scope);
            }
        }
        Turn turn = new Turn(store, open, now);
        turn.quotaChanged = unknown;
        PeriodRoll.rollIfDue(turn, store);
        follow(turn, open.policy);
        if (scope.isUser() && !open.limited()) {
            PeriodRoll.catchUp(turn);
        }
        return turn;
    }

    private static Decisions end(Turn turn) {
        StateRule.follow(turn);
        QuotaState state = turn.open.quota.state;
        turn.unserved.stream().filter(account -> account.issuedState != state).forEach(turn::issue);
        if (turn.mustTell && !turn.tells() && OpenQuota.isCounted(turn.open.policy)) {
            // Every node reads every grant, so one record tells them all.
            turn.open.accounts.values().stream().max(Comparator.comparing(QuotaAccount::reportedAt))
                    .ifPresent(turn::issue);
        }
        return turn.end();
    }

    private QuotaPolicy policyOf(QuotaScope scope) {
        OpenQuota tenant = scope.isUser() ? quotas.get(QuotaScope.tenant(scope.tenantId())) : null;
        return tenant == null ? UserPolicy.of(scope, policyOf(scope.tenantId())) : tenant.policyOfUsers();
    }

    /** The policy that a tenant's reports are answered under. */
    public QuotaPolicy policy(String tenantId) {
        OpenQuota open = quotas.get(QuotaScope.tenant(tenantId));
        return open == null ? policyOf(tenantId) : open.policy;
    }

    private QuotaPolicy policyOf(String tenantId) {
        return store.policy(tenantId).orElseGet(
                () -> QuotaPolicy.newBuilder(defaultPolicy).setTenantId(tenantId).setPolicyEpoch(0L).build());
    }

    /**
     * Takes up a policy. Where nothing was enforced before, or is enforced now, another length of the period applies at
     * once, since no credit hangs on it (QUOTA.md rule 14); where enforcement begins, nodes must arm first (rule 12).
     */
    private static void follow(Turn turn, QuotaPolicy policy) {
        OpenQuota open = turn.open;
        QuotaStanding quota = open.quota;
        QuotaPolicy before = open.policy;
        open.policy = policy;
        PeriodRoll.follow(turn, before);
        boolean limited = open.limited();
        if (limited != quota.limited) {
            quota.limited = limited;
            quota.limitedSinceEpoch = limited ? policy.getPolicyEpoch() : 0;
            quota.limitedSince = turn.now;
            turn.quotaChanged = true;
            disarm(turn);
        }
    }

    /** Who followed an earlier run of enforced policies has yet to follow this one; what he asked for then is void. */
    private static void disarm(Turn turn) {
        for (QuotaAccount account : List.copyOf(turn.open.accounts.values())) {
            account.armed = false;
            account.wantBytes = 0;
            turn.touch(account);
        }
    }

    /** A user begins in the period that his tenant is in. */
    private QuotaPeriod firstPeriod(QuotaScope scope, QuotaPolicy policy, Instant now) {
        OpenQuota tenant = scope.isUser() ? quotas.get(QuotaScope.tenant(scope.tenantId())) : null;
        return tenant != null && tenant.quota.period.contains(now)
                ? tenant.quota.period
                : OpenQuota.periodAt(now, policy);
    }

    /** QUOTA.md rule 6: two processes under one node name. The grants name the process, so none spends the other's. */
    private static void watchProcess(Turn turn, EventHeader header, long nonce) {
        OpenQuota.NodeProcess process = new OpenQuota.NodeProcess(header.getNodeEpoch(), nonce, header.getOccurredAt());
        OpenQuota.NodeProcess newest = turn.open.processes.get(header.getNodeId());
        if (newest == null || newest.epoch() < process.epoch()) {
            turn.open.processes.put(header.getNodeId(), process);
            return;
        }
        boolean twin = newest.epoch() == process.epoch() && newest.nonce() != process.nonce();
        boolean lives = newest.epoch() > process.epoch()
                && header.getOccurredAt().isAfter(newest.firstReportAt().plus(QuotaRules.SUCCESSION));
        if (twin || lives) {
            turn.alarmOnce("node " + header.getNodeId() + " runs twice: epoch " + process.epoch() + " process "
                    + Long.toHexString(nonce) + " and epoch " + newest.epoch() + "; the older one must stop");
        }
    }
}
