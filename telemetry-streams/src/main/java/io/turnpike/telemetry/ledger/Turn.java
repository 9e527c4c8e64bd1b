package io.turnpike.telemetry.ledger;

import io.turnpike.contract.QuotaAccountKey;
import io.turnpike.contract.QuotaPeriod;
import io.turnpike.control.v1.AuditKind;
import io.turnpike.control.v1.QuotaAudit;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.QuotaState;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The working memory of one decision: what was touched, what goes out. It writes the store once, at its end. */
final class Turn {
    final OpenQuota open;
    final Instant now;
    /** Credit came back or the volume grew: others may be served. */
    boolean creditCameBack;
    /** Where the quota stands has changed and must be kept. */
    boolean quotaChanged;
    /** Nodes do not know where the quota stands under the present policy. */
    boolean mustTell;
    /** Accounts that want bytes in this turn and found none free. */
    final Set<QuotaAccount> unserved = new LinkedHashSet<>();

    private final AccountStore store;
    private final Map<QuotaAccountKey, QuotaAccount> touched = new LinkedHashMap<>();
    private final Map<String, PeriodTotals> otherTotals = new HashMap<>();
    private final Set<QuotaAccountKey> issued = new LinkedHashSet<>();
    private final Set<QuotaAccountKey> repeated = new LinkedHashSet<>();
    private final List<QuotaAudit> audits = new ArrayList<>();

    Turn(AccountStore store, OpenQuota open, Instant now) {
        this.store = store;
        this.open = open;
        this.now = now;
    }

    QuotaScope scope() {
        return open.quota.scope();
    }

    boolean isCurrent(QuotaAccount account) {
        return account.key().periodId().equals(open.quota.period.id());
    }

    /** Whether first grants of the period were issued ahead. */
    boolean isNext(String periodId) {
        return open.quota.next != null && open.quota.next.id().equals(periodId);
    }

    Optional<QuotaAccount> find(QuotaAccountKey key) {
        QuotaAccount known = touched.getOrDefault(key, open.accounts.get(key));
        return known != null ? Optional.of(known) : store.account(key);
    }

    /**
     * The account of a process as of its newest opening, made or opened anew if need be.
     *
     * @param opening not below the one that the ledger knows
     */
    QuotaAccount account(QuotaAccountKey key, long opening) {
        QuotaAccount account = find(key).orElseGet(() -> new QuotaAccount(key));
        if (account.opening() < opening) {
            if (!account.closed && account.chargeBytes() > 0) {
                alarmOnce("node " + key.nodeId() + " has opened an account anew that it had not closed");
            }
            account.open(opening);
        }
        return account;
    }

    /** Remembers that the account must be kept. */
    void touch(QuotaAccount account) {
        touched.put(account.key(), account);
        if (isCurrent(account)) {
            if (account.closed) {
                open.accounts.remove(account.key());
            } else {
                open.accounts.put(account.key(), account);
            }
        }
    }

    PeriodTotals totalsOf(QuotaAccount account) {
        return isCurrent(account)
                ? open.totals
                : otherTotals.computeIfAbsent(account.key().periodId(),
                        id -> isNext(id)
                                ? open.totalsOf(open.quota.next)
                                : store.totals(scope(), id)
                                        .orElseGet(() -> new PeriodTotals(scope(), periodOf(id).orElseThrow())));
    }

    /** The period that an id names; empty if it names none. */
    Optional<QuotaPeriod> periodOf(String id) {
        if (id.equals(open.quota.period.id())) {
            return Optional.of(open.quota.period);
        }
        if (isNext(id)) {
            return Optional.of(open.quota.next);
        }
        return QuotaPeriod.parse(id, ZoneId.of(open.policy.getTimeZone()));
    }

    /** Publishes the account's state under a new sequence. */
    void issue(QuotaAccount account) {
        if (issued.add(account.key())) {
            account.grantSeq++;
            account.issuedAt = now;
        }
        touch(account);
    }

    /** Publishes the account's state as it was, for a node that may have missed it. */
    void repeat(QuotaAccount account) {
        repeated.add(account.key());
        account.issuedAt = now;
        touch(account);
    }

    /** Whether a grant of the running period goes out, which says where the quota stands. */
    boolean tells() {
        return issued.stream().anyMatch(key -> key.periodId().equals(open.quota.period.id()));
    }

    /** Records a transition. Users are many: their rolls and settlements are left out. */
    void audit(AuditKind kind, QuotaState from, QuotaState to, String reason) {
        if (scope().isUser() && (kind == AuditKind.PERIOD_ROLLED || kind == AuditKind.ACCOUNT_SETTLED)) {
            return;
        }
        audits.add(audited(kind, from, to, reason).build());
    }

    /** Audits that a percent of the volume is used. */
    void warn(QuotaState before, int percent) {
        audits.add(audited(AuditKind.STATE_CHANGED, before, open.quota.state, percent + " % of the volume is used")
                .setWarnedPercent(percent).build());
    }

    private QuotaAudit.Builder audited(AuditKind kind, QuotaState from, QuotaState to, String reason) {
        Long volume = open.policy.getVolumeBytes();
        return QuotaAudit.newBuilder().setTenantId(scope().tenantId()).setUserId(scope().userId()).setOccurredAt(now)
                .setKind(kind)
                .setVersion(open.policy.getPolicyEpoch()).setFromState(from).setToState(to)
                .setPeriodId(open.quota.period.id()).setUsedBytes(open.totals.spentBytes())
                .setLimitBytes(volume == null ? 0 : volume).setReason(reason);
    }

    /** Raises an alarm that repeats with each report only the first time. */
    void alarmOnce(String reason) {
        if (open.alarms.size() < OpenQuota.MOST_ALARMS && open.alarms.add(reason)) {
            alarm(reason);
        }
    }

    void alarm(String reason) {
        audit(AuditKind.ALARM, open.quota.state, open.quota.state, reason);
    }

    /** Writes the store and hands out what must be published. */
    Decisions end() {
        List<QuotaGrant> grants = new ArrayList<>();
        Set<QuotaAccountKey> told = new LinkedHashSet<>(issued);
        told.addAll(repeated);
        for (QuotaAccountKey key : told) {
            QuotaAccount account = touched.get(key);
            account.issuedState = open.quota.state;
            grants.add(grantOf(account));
            account.recall = false;
        }
        if (!touched.isEmpty()) {
            touched.values().forEach(store::put);
            store.put(open.totals);
            otherTotals.values().forEach(store::put);
        }
        if (quotaChanged) {
            store.put(open.quota);
        }
        return grants.isEmpty() && audits.isEmpty() ? Decisions.NONE : new Decisions(grants, audits);
    }

    private QuotaGrant grantOf(QuotaAccount account) {
        QuotaAccountKey key = account.key();
        QuotaPeriod period = totalsOf(account).period();
        boolean scarce = open.limited() && isCurrent(account) && account.unspentBytes() > 0
                && open.freeBytes(open.totals) < percent(open.policy.getVolumeBytes(), QuotaRules.RECALL_PERCENT);
        return QuotaGrant.newBuilder().setTenantId(key.tenantId()).setUserId(key.userId()).setPeriodId(key.periodId())
                .setPeriodStart(period.start()).setPeriodEnd(period.end()).setNodeId(key.nodeId())
                .setNodeEpoch(key.nodeEpoch()).setProcessNonce(key.processNonce())
                .setPolicyEpoch(open.policy.getPolicyEpoch()).setMode(open.policy.getMode())
                .setGrantSeq(account.grantSeq).setGrantBytes(account.grantBytes()).setDrawnBytes(account.drawnBytes())
                .setSpentBytes(account.spentBytes()).setState(open.quota.state)
                .setRecall(account.recall || scarce).setTrickle(open.limited() && account.trickles)
                .setClosed(account.closed).setOpening(account.opening()).setEarlierBytes(account.earlierBytes())
                .setEarlierSpentBytes(account.earlierSpentBytes())
                .setAnsweredReportMonotonicNanos(account.reportMonotonicNanos)
                .setLeaseMillis((int) QuotaRules.LEASE.toMillis()).setIssuedAt(now).build();
    }

    /** Share of a volume, without overflow. */
    static long percent(long bytes, int percent) {
        return bytes / 100 * percent + bytes % 100 * percent / 100;
    }
}
