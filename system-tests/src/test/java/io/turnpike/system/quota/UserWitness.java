package io.turnpike.system.quota;

import static io.turnpike.system.quota.Invariant.*;

import io.turnpike.contract.QuotaAccountKey;
import io.turnpike.contract.QuotaPeriod;
import io.turnpike.contract.Topic;
import io.turnpike.control.v1.OnControlLoss;
import io.turnpike.control.v1.QuotaGrant;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.node.quota.NodeBooks;
import io.turnpike.telemetry.ledger.PeriodTotals;
import io.turnpike.telemetry.ledger.QuotaAccount;
import io.turnpike.telemetry.ledger.QuotaScope;
import io.turnpike.telemetry.ledger.QuotaStanding;
import io.turnpike.telemetry.store.LedgerStores;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Sees what becomes of users' quotas: the {@link Witness}'s checks for the second scope. */
final class UserWitness {
    private static final String USERS = Simulation.TENANT + '/';
    private static final long USER_SLICE_BYTES = 8 * 1024;

    /** What one process has sent for one user in one period. */
    private static final class Sent {
        long bytes;
        long refundedBytes;
    }

    private final Simulation world;
    private final Map<String, Sent> sent = new TreeMap<>();
    private final Set<String> touchedSinceCommit = new TreeSet<>();
    private final UnseenGrants unseen = new UnseenGrants();
    private Map<String, QuotaAccount> accounts = new TreeMap<>();
    private Map<String, QuotaAccount> committed = new TreeMap<>();

    UserWitness(Simulation world) {
        this.world = world;
    }

    static boolean isOfUser(String accountKey) {
        return accountKey.startsWith(USERS);
    }

    static boolean isOfUser(ControlLog.Entry entry) {
        return entry.record() instanceof QuotaGrant grant && !grant.getUserId().isEmpty();
    }

    private static String keyOf(SimulatedNode node, String userId, String periodId) {
        return LedgerStores.account(node.account(periodId, userId));
    }

    private static long heldBy(QuotaAccount account) {
        return Math.max(account.grantBytes(), account.drawnBytes());
    }

    private static long costOf(QuotaAccount account) {
        return account.earlierBytes() + heldBy(account);
    }

    /** What all processes are charged with for the user. */
    long chargeOf(String userId, String periodId) {
        return ofUser(userId, periodId).stream().mapToLong(UserWitness::costOf).sum();
    }

    /** The period that the ledger is in with the user. */
    Optional<String> periodOf(String userId) {
        return Optional.ofNullable(world.ledger.disk.get(LedgerStores.QUOTAS,
                new QuotaScope(Simulation.TENANT, userId).text())).map(bytes -> QuotaStanding.fromBytes(bytes).period())
                .filter(period -> !Instant.ofEpochMilli(world.ledger.wallMillis()).isBefore(period.start())
                        && Instant.ofEpochMilli(world.ledger.wallMillis()).isBefore(period.end()))
                .map(QuotaPeriod::id);
    }

    private List<QuotaAccount> ofUser(String userId, String periodId) {
        return accounts.values().stream().filter(account -> account.key().userId().equals(userId)
                && account.key().periodId().equals(periodId)).toList();
    }

    /** What was sent for the user, and what nobody can send any more: of processes that died, in slices, never seen. */
    long usedOf(String userId, String periodId) {
        Map<String, SimulatedNode> alive = world.nodes.stream()
                .collect(Collectors.toMap(SimulatedNode::name, node -> node, (a, b) -> a));
        return ofUser(userId, periodId).stream().mapToLong(account -> {
            SimulatedNode node = alive.get(Witness.processOf(account));
            return node == null
                    ? costOf(account)
                    : sent.getOrDefault(keyOf(node, userId, periodId), new Sent()).bytes + leftInSlices(account)
                            + leftUnseen(node, account);
        }).sum();
    }

    /** What loops had drawn and not spent when his calls ended stays charged: at most a slice of each loop each time. */
    private long leftInSlices(QuotaAccount account) {
        long left = account.closed()
                ? costOf(account) - spent(account)
                : account.earlierBytes() - account.earlierSpentBytes();
        return Math.min(left - unseen.earlierBytesOf(account),
                account.opening() * world.weather.loops() * USER_SLICE_BYTES);
    }

    private long leftUnseen(SimulatedNode node, QuotaAccount account) {
        boolean isOpenThere = node.books.userEntries().stream()
                .anyMatch(user -> user.userId().equals(account.key().userId())
                        && user.opening() == account.opening() && !user.closed());
        boolean isLeft = !isOpenThere && unseen.isUnseen(account);
        return unseen.earlierBytesOf(account) + (isLeft ? account.grantBytes() : 0);
    }

    // What nodes do

    /** Bytes were forwarded; the position is where the user stands, null if he was not debited. */
    void forwarded(SimulatedNode node, String userId, NodeBooks.Position position, int bytes) {
        QuotaPolicy policy = node.link.policy();
        boolean enforces = policy != null && policy.getMode() == QuotaMode.HARD && policy.getUserVolumeBytes() != null
                && node.toldPolicyEpoch() >= policy.getPolicyEpoch();
        require(!enforces || position != null && position.bound(), ARMED_PROCESSES_NEED_CREDIT,
                "%s forwards for %s without a grant", node.name(), userId);
        if (position == null || !position.bound()) {
            return;
        }
        String key = keyOf(node, userId, position.periodId());
        Sent tally = sent.computeIfAbsent(key, id -> new Sent());
        tally.bytes += bytes;
        if (isChecked(position.periodId())) {
            QuotaAccount account = accounts.get(key);
            long charge = account == null ? 0 : costOf(account);
            require(tally.bytes <= charge || goOn(), FORWARDED_WITHIN_QUOTA,
                    "%s has sent %d for %s in %s and is charged with %d",
                    node.name(), tally.bytes, userId, position.periodId(), charge);
        }
    }

    void refused(SimulatedNode node, String userId, NodeBooks.Position position, int bytes) {
        if (position != null && position.bound()) {
            Sent tally = sent.computeIfAbsent(keyOf(node, userId, position.periodId()), id -> new Sent());
            tally.bytes -= bytes;
            tally.refundedBytes += bytes;
        }
    }

    /** Whether users go on without control, which nothing bounds; under SAFE_RATE they stop. */
    private boolean goOn() {
        return world.weather.onControlLoss() == OnControlLoss.ALLOW;
    }

    private boolean isChecked(String periodId) {
        return !world.witness.grantsWereLost() && !world.witness.isLongOver(periodId);
    }

    /** Looks into the books of a node after its step. */
    void look(SimulatedNode node) {
        for (NodeBooks.UserEntry user : node.books.userEntries()) {
            NodeBooks.Entry entry = user.entry();
            if (entry.grantSeq() > 0) {
                unseen.sees(node.account(entry.periodId(), user.userId()).text(), user.opening());
            }
            if (entry.periodId().isEmpty() || !isChecked(entry.periodId())) {
                continue;
            }
            require(entry.liftedBytes() == 0 || goOn(), GRACE_IS_BOUNDED, "%s lets %s go on", node.name(),
                    user.userId());
            QuotaAccount account = accounts.get(keyOf(node, user.userId(), entry.periodId()));
            boolean known = account != null && account.opening() == user.opening();
            require(account == null || account.opening() <= user.opening(), CAP_WITHIN_CHARGE,
                    "%s holds opening %d of %s, and the ledger has opened %d", node.name(), user.opening(),
                    user.userId(), known ? 0 : account == null ? 0 : account.opening());
            long cap = entry.capBytes() - entry.liftedBytes();
            require(cap <= (known ? heldBy(account) : 0) || entry.unspentBytes() == 0, CAP_WITHIN_CHARGE,
                    "%s may draw %d for %s in %s and is charged with %d", node.name(), cap,
                    user.userId(), entry.periodId(), known ? heldBy(account) : 0);
        }
    }

    // What the ledger does

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
        world.control.grants().filter(UserWitness::isOfUser).forEach(entry -> {
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

    private static long spent(QuotaAccount account) {
        return account.earlierSpentBytes() + account.spentBytes();
    }

    private void checkSums(String userId, String periodId) {
        byte[] bytes = world.ledger.disk.get(LedgerStores.TOTALS,
                LedgerStores.prefix(new QuotaScope(Simulation.TENANT, userId), periodId));
        PeriodTotals totals = bytes == null ? null : PeriodTotals.fromBytes(bytes);
        List<QuotaAccount> all = ofUser(userId, periodId);
        require(totals != null && totals.chargeBytes() == all.stream().mapToLong(UserWitness::costOf).sum()
                && totals.spentBytes() == all.stream().mapToLong(UserWitness::spent).sum(), SUMS_ADD_UP,
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

    /** Nobody has had traffic for minutes. */
    void rests(List<SimulatedNode> nodes) {
        for (SimulatedNode node : nodes) {
            require(node.books.userEntries().isEmpty(), IDLE_USERS_ARE_FORGOTTEN, "%s still keeps %s", node.name(),
                    node.books.userEntries());
            for (QuotaAccount account : accounts.values()) {
                String periodId = account.key().periodId();
                if (Witness.processOf(account).equals(node.name()) && !world.witness.isOver(periodId)) {
                    require(account.closed() && Witness.unspentOf(account) == 0 || unseen.isUnseen(account),
                            IDLE_PROCESSES_RETURN_CREDIT,
                            "%s has not returned %d", account.key().text(), Witness.unspentOf(account));
                    Sent tally = sent.getOrDefault(keyOf(node, account.key().userId(), periodId), new Sent());
                    require(tally.bytes <= spent(account) && spent(account) <= tally.bytes + tally.refundedBytes,
                            BYTES_ARE_BOOKED, "%s has sent %d and booked %d", account.key().text(), tally.bytes,
                            spent(account));
                }
            }
        }
    }
}
