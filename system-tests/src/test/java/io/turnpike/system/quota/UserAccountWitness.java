package io.turnpike.system.quota;

import static io.turnpike.system.quota.Invariant.*;

import io.turnpike.contract.QuotaAccountKey;
import io.turnpike.contract.Topic;
import io.turnpike.control.v1.OnControlLoss;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.telemetry.ledger.PeriodTotals;
import io.turnpike.telemetry.ledger.QuotaAccount;
import io.turnpike.telemetry.ledger.QuotaScope;
import io.turnpike.telemetry.store.LedgerStores;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Sees what the ledger does with users' accounts: the {@link AccountWitness}'s checks for the second scope. */
final class UserAccountWitness {
    private static final String USERS = Simulation.TENANT + '/';

    private final Simulation world;
    private final UnseenGrants unseen;
    private final PeriodEnds periodEnds;
    private final Set<String> touchedSinceCommit = new TreeSet<>();
    private Map<String, QuotaAccount> accounts = new TreeMap<>();
    private Map<String, QuotaAccount> committed = new TreeMap<>();

    UserAccountWitness(Simulation world, UnseenGrants unseen, PeriodEnds periodEnds) {
        this.world = world;
        this.unseen = unseen;
        this.periodEnds = periodEnds;
    }

    static boolean isOfUser(String accountKey) {
        return accountKey.startsWith(USERS);
    }

    static boolean isOfUser(ControlLog.Entry entry) {
        return entry.record() instanceof QuotaGrant grant && !grant.getUserId().isEmpty();
    }

    /** An account as the ledger has it; null if it has none. */
    QuotaAccount get(String key) {
        return accounts.get(key);
    }

    Collection<QuotaAccount> all() {
        return accounts.values();
    }

    static long heldBy(QuotaAccount account) {
        return Math.max(account.grantBytes(), account.drawnBytes());
    }

    static long costOf(QuotaAccount account) {
        return account.earlierBytes() + heldBy(account);
    }

    /** What all processes are charged with for the user. */
    long chargeOf(String userId, String periodId) {
        return ofUser(userId, periodId).stream().mapToLong(UserAccountWitness::costOf).sum();
    }

    List<QuotaAccount> ofUser(String userId, String periodId) {
        return accounts.values().stream().filter(account -> account.key().userId().equals(userId)
                && account.key().periodId().equals(periodId)).toList();
    }

    /** Whether users go on without control, which nothing bounds; under SAFE_RATE they stop. */
    boolean goOn() {
        return world.weather.onControlLoss() == OnControlLoss.ALLOW;
    }

    boolean isChecked(String periodId) {
        return !world.witness.grantsWereLost() && !periodEnds.isLongOver(periodId);
    }

    /** A turn has changed these accounts. */
    void read(Set<String> changed, boolean filled, Witness.Consumed consumed) {
        if (filled) {
            accounts = new TreeMap<>();
            world.ledger.disk.scan(LedgerStores.ACCOUNTS, USERS)
                    .forEach(found -> accounts.put(found.getKey(), QuotaAccount.fromBytes(found.getValue())));
            checkRebuilt();
        }
        Map<String, QuotaAccount> before = new TreeMap<>(accounts);
        for (String key : changed) {
            byte[] bytes = isOfUser(key) ? world.ledger.disk.get(LedgerStores.ACCOUNTS, key) : null;
            if (bytes == null) {
                accounts.remove(key);
            } else {
                touchedSinceCommit.add(key);
                accounts.put(key, QuotaAccount.fromBytes(bytes));
            }
        }
        if (!filled) {
            changed.stream().map(accounts::get).filter(Objects::nonNull)
                    .filter(account -> isChecked(account.key().periodId())).forEach(account -> {
                        checkChange(before.get(LedgerStores.account(account.key())), account, consumed);
                        checkSums(account.key().userId(), account.key().periodId());
                    });
        }
    }

    private void checkRebuilt() {
        world.control.grants().filter(UserAccountWitness::isOfUser).forEach(entry -> {
            QuotaGrant grant = (QuotaGrant) entry.record();
            QuotaAccount account = accounts.get(LedgerStores.account(QuotaAccountKey.parse(entry.key())));
            require(!isChecked(grant.getPeriodId())
                    || account != null && costOf(account) >= grant.getEarlierBytes() + grant.getGrantBytes()
                    || account != null && account.grantSeq() > grant.getGrantSeq(),
                    TOPIC_HOLDS_EVERY_CHARGE, "%s is not in the rebuilt ledger as the topic has it", entry.key());
        });
    }

    private void checkChange(QuotaAccount old, QuotaAccount account, Witness.Consumed consumed) {
        long before = old == null ? 0 : costOf(old);
        String name = account.key().text();
        boolean byHolder = consumed.report() != null
                && Witness.processOf(consumed.report()).equals(Witness.processOf(account))
                && consumed.report().getHeader().getUserId().equals(account.key().userId());
        require(costOf(account) >= before || byHolder, LOWERED_BY_ITS_HOLDER_ONLY, "%s costs %d after %d", name,
                costOf(account), before);
        require(costOf(account) <= before || consumed.report() != null || consumed.command() != null,
                RAISED_BY_A_RECORD_ONLY, "%s costs %d after %d", name, costOf(account), before);
        long granted = account.earlierBytes() + account.grantBytes();
        long grantedBefore = old == null ? 0 : old.earlierBytes() + old.grantBytes();
        if (granted > Math.max(grantedBefore, before)) {
            Long volume = world.witness.facts().policy.getUserVolumeBytes();
            long all = chargeOf(account.key().userId(), account.key().periodId());
            require(volume != null && all <= volume, CHARGES_WITHIN_QUOTA, "%d of %s for %s", all, volume, name);
        }
        if (old == null) {
            return;
        }
        require(account.grantSeq() >= old.grantSeq(), SEQUENCE_GROWS, "%s: %d after %d", name, account.grantSeq(),
                old.grantSeq());
        require(account.opening() >= old.opening() && drawn(account) >= drawn(old) && spent(account) >= spent(old),
                USE_NEVER_FALLS, "%s: drawn %d after %d", name, drawn(account), drawn(old));
        boolean sameOpening = account.opening() == old.opening();
        require(!old.closed() || !sameOpening || account.closed() && account.grantBytes() <= old.grantBytes(),
                FINAL_IS_FINAL, "%s has %d after it was settled at %d", name, account.grantBytes(), old.grantBytes());
        if (!sameOpening && !old.closed()) {
            require(unseen.isUnseen(old), FINAL_IS_FINAL, "%s is opened again and was not settled", name);
            unseen.endsUnseen(old);
        }
    }

    private static long drawn(QuotaAccount account) {
        return account.earlierBytes() + account.drawnBytes();
    }

    static long spent(QuotaAccount account) {
        return account.earlierSpentBytes() + account.spentBytes();
    }

    private void checkSums(String userId, String periodId) {
        byte[] bytes = world.ledger.disk.get(LedgerStores.TOTALS,
                LedgerStores.prefix(new QuotaScope(Simulation.TENANT, userId), periodId));
        PeriodTotals totals = bytes == null ? null : PeriodTotals.fromBytes(bytes);
        List<QuotaAccount> all = ofUser(userId, periodId);
        require(totals != null && totals.chargeBytes() == all.stream().mapToLong(UserAccountWitness::costOf).sum()
                && totals.spentBytes() == all.stream().mapToLong(UserAccountWitness::spent).sum(), SUMS_ADD_UP,
                "the sums of %s in %s", userId, periodId);
    }

    void committed() {
        committed = new TreeMap<>(accounts);
        unseen.committed();
        for (String key : touchedSinceCommit) {
            QuotaAccount account = accounts.get(key);
            if (account != null && mustBeTold(account) && isChecked(account.key().periodId())) {
                ControlLog.Entry entry = world.control.newest(Topic.QUOTA_GRANT, account.key().text());
                require(entry != null && entry.record() instanceof QuotaGrant grant && says(grant, account),
                        TOPIC_HOLDS_EVERY_CHARGE, "%s costs %d, and the topic says %s", key, costOf(account),
                        entry == null ? "nothing" : entry.record());
            }
        }
        touchedSinceCommit.clear();
    }

    /** What a user went on by may be told when its account is settled: until then its node reports it. */
    private boolean mustBeTold(QuotaAccount account) {
        return goOn() ? account.grantBytes() > 0 : costOf(account) > 0;
    }

    /** An account that was opened again and got nothing yet is in the topic as it was closed. */
    private static boolean says(QuotaGrant grant, QuotaAccount account) {
        return grant.getOpening() == account.opening()
                ? grant.getEarlierBytes() == account.earlierBytes() && grant.getGrantBytes() == account.grantBytes()
                        && grant.getClosed() == account.closed()
                : grant.getClosed() && account.grantBytes() == 0
                        && grant.getEarlierBytes() + Math.max(grant.getGrantBytes(), grant.getDrawnBytes()) == account
                                .earlierBytes();
    }

    void aborted() {
        accounts = new TreeMap<>(committed);
        unseen.aborted();
        touchedSinceCommit.clear();
    }
}
