package io.turnpike.telemetry.ledger;

import io.turnpike.contract.QuotaAccountKey;
import io.turnpike.contract.QuotaPeriod;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPolicy;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A quota as the ledger works on it: read from the store once, written through at the end of each turn. A new
 * ledger over the same store opens the same quota.
 */
final class OpenQuota {
    static final int MOST_ALARMS = 1_000;

    private final AccountStore store;
    final QuotaStanding quota;
    QuotaPolicy policy;
    PeriodTotals totals;
    /** Accounts of the running period that are not settled. */
    final Map<QuotaAccountKey, QuotaAccount> accounts = new LinkedHashMap<>();
    /** Newest process of each node, to see two that use one name (QUOTA.md rule 6). */
    final Map<String, NodeProcess> processes = new HashMap<>();
    /** Alarms that were raised by this ledger and are not raised again. */
    final Set<String> alarms = new HashSet<>();
    private QuotaPolicy madeOfUsersFrom;
    private QuotaPolicy ofUsers;
    private int liveNodes = 1;
    private Instant liveNodesAt = Instant.MIN;

    OpenQuota(AccountStore store, QuotaStanding quota, QuotaPolicy policy) {
        this.store = store;
        this.quota = quota;
        this.policy = policy;
        openPeriod();
    }

    /** Takes up the running period's sums and accounts. */
    void openPeriod() {
        totals = totalsOf(quota.period);
        accounts.clear();
        store.eachAccount(quota.scope(), quota.period.id(), account -> {
            if (!account.closed) {
                accounts.put(account.key(), account);
            }
        });
        liveNodesAt = Instant.MIN;
    }

    /**
     * The sums of a period. Its bounds are those that the quota has it in: another time zone may have come since, and a report
     * may have begun the sums before the quota came to the period.
     */
    PeriodTotals totalsOf(QuotaPeriod period) {
        return store.totals(quota.scope(), period.id()).map(sums -> sums.within(period))
                .orElseGet(() -> new PeriodTotals(quota.scope(), period));
    }

    /**
     * The newest period of the same length and anchor that had begun by then: the running one, or one that was left for
     * another length. Nodes have closed their accounts of all before it.
     */
    Optional<QuotaPeriod> newestLike(QuotaPeriod period, Instant at) {
        Instant latest = at.isAfter(quota.period.start()) ? at : quota.period.start(); // clocks are set back
        return Stream.concat(Stream.of(quota.period),
                store.periods(quota.scope()).stream().filter(old -> !old.id().equals(quota.period.id())))
                .filter(old -> period.isOfKindOf(old.id()) && !old.start().isAfter(latest))
                .max(Comparator.comparing(QuotaPeriod::id));
    }

    /** Whether an account was ever made in the period. */
    boolean hasAccountsOf(QuotaPeriod period) {
        return store.totals(quota.scope(), period.id()).isPresent();
    }

    /** The policy of each user of the tenant whose quota this is: one object, since users are many. */
    QuotaPolicy policyOfUsers() {
        if (madeOfUsersFrom != policy) {
            madeOfUsersFrom = policy;
            ofUsers = UserPolicy.ofUsers(policy);
        }
        return ofUsers;
    }

    /** Whether no process that may report again has an account here. */
    boolean isSilent(Instant now) {
        return accounts.values().stream()
                .noneMatch(account -> account.reportedAt.plus(QuotaRules.LEASE).isAfter(now));
    }

    /** Whether the volume is enforced by grants. */
    boolean limited() {
        return isLimited(policy);
    }

    /** Whether the volume is only compared with what was spent: SHADOW and SOFT. */
    boolean watched() {
        return isCounted(policy) && !limited();
    }

    /** What a newer program may have written is enforced, as on the nodes. */
    static boolean isLimited(QuotaPolicy policy) {
        return isCounted(policy) && switch (policy.getMode()) {
            case HARD, UNKNOWN -> true;
            case OFF, SHADOW, SOFT -> false;
        };
    }

    /** Whether the quota has a state at all. */
    static boolean isCounted(QuotaPolicy policy) {
        return policy.getMode() != QuotaMode.OFF && policy.getVolumeBytes() != null;
    }

    /** Volume that no account of the period is charged with; negative after the volume was lowered. */
    long leftBytes(PeriodTotals sums) {
        return policy.getVolumeBytes() - sums.chargeBytes();
    }

    /** What is left beside the tail reserve; negative once the reserve is touched. */
    long freeBytes(PeriodTotals sums) {
        return leftBytes(sums) - Turn.percent(policy.getVolumeBytes(), policy.getTailPercent());
    }

    QuotaPeriod periodAt(Instant instant) {
        return periodAt(instant, policy);
    }

    /** The period that a policy begins by its own calendar. */
    static QuotaPeriod periodAt(Instant instant, QuotaPolicy policy) {
        return QuotaPeriod.at(instant, policy.getPeriod(), policy.getAnchor(), ZoneId.of(policy.getTimeZone()));
    }

    /** Processes that share the volume now, at least 1; looked up at most once a second. */
    int liveNodes(Instant now) {
        if (liveNodesAt.equals(Instant.MIN) || !now.isBefore(liveNodesAt.plusSeconds(1))) {
            liveNodes = (int) Math.max(1, accounts.values().stream().filter(account -> account.isLive(now)).count());
            liveNodesAt = now;
        }
        return liveNodes;
    }

    /**
     * A process of a node.
     *
     * @param firstReportAt by the node's clock
     */
    record NodeProcess(long epoch, long nonce, Instant firstReportAt) {}
}
