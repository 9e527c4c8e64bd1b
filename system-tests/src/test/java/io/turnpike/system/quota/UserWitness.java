package io.turnpike.system.quota;

import static io.turnpike.system.quota.Invariant.*;
import static io.turnpike.system.quota.UserAccountWitness.*;

import io.turnpike.contract.QuotaPeriod;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.node.quota.NodeBooks;
import io.turnpike.telemetry.ledger.QuotaAccount;
import io.turnpike.telemetry.ledger.QuotaScope;
import io.turnpike.telemetry.ledger.QuotaStanding;
import io.turnpike.telemetry.store.LedgerStores;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Sees what becomes of users' quotas on the nodes: the {@link Witness}'s checks for the second scope. What the ledger does
 * with them is its {@link UserAccountWitness}'s to see.
 */
final class UserWitness {
    private static final long USER_SLICE_BYTES = 8 * 1024;

    /** What one process has sent for one user in one period. */
    private static final class Sent {
        long bytes;
        long refundedBytes;
    }

    private final Simulation world;
    private final Map<String, Sent> sent = new TreeMap<>();
    private final UnseenGrants unseen = new UnseenGrants();
    private final PeriodEnds periodEnds;
    private final UserAccountWitness accounts;

    UserWitness(Simulation world) {
        this.world = world;
        periodEnds = new PeriodEnds(world);
        accounts = new UserAccountWitness(world, unseen, periodEnds);
    }

    /** When users' periods end: a user's quota may have been in another zone than the tenant's when it got its grants. */
    PeriodEnds periodEnds() {
        return periodEnds;
    }

    /** What the ledger has of users. */
    UserAccountWitness accounts() {
        return accounts;
    }

    private static String keyOf(SimulatedNode node, String userId, String periodId) {
        return LedgerStores.account(node.account(periodId, userId));
    }

    /** The period that the ledger is in with the user. */
    Optional<String> periodOf(String userId) {
        return Optional.ofNullable(world.ledger.disk.get(LedgerStores.QUOTAS,
                new QuotaScope(Simulation.TENANT, userId).text())).map(bytes -> QuotaStanding.fromBytes(bytes).period())
                .filter(period -> !Instant.ofEpochMilli(world.ledger.wallMillis()).isBefore(period.start())
                        && Instant.ofEpochMilli(world.ledger.wallMillis()).isBefore(period.end()))
                .map(QuotaPeriod::id);
    }

    /** What was sent for the user, and what nobody can send any more: of processes that died, in slices, never seen. */
    long usedOf(String userId, String periodId) {
        Map<String, SimulatedNode> alive = world.nodes.stream()
                .collect(Collectors.toMap(SimulatedNode::name, node -> node, (a, b) -> a));
        return accounts.ofUser(userId, periodId).stream().mapToLong(account -> {
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
        if (accounts.isChecked(position.periodId())) {
            QuotaAccount account = accounts.get(key);
            long charge = account == null ? 0 : costOf(account);
            require(tally.bytes <= charge || accounts.goOn(), FORWARDED_WITHIN_QUOTA,
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

    /** Looks into the books of a node after its step. */
    void look(SimulatedNode node) {
        for (NodeBooks.UserEntry user : node.books.userEntries()) {
            NodeBooks.Entry entry = user.entry();
            if (entry.grantSeq() > 0) {
                unseen.sees(node.account(entry.periodId(), user.userId()).text(), user.opening());
            }
            if (entry.periodId().isEmpty() || !accounts.isChecked(entry.periodId())) {
                continue;
            }
            require(entry.liftedBytes() == 0 || accounts.goOn(), GRACE_IS_BOUNDED, "%s lets %s go on", node.name(),
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

    /** Nobody has had traffic for minutes. */
    void rests(List<SimulatedNode> nodes) {
        for (SimulatedNode node : nodes) {
            require(node.books.userEntries().isEmpty(), IDLE_USERS_ARE_FORGOTTEN, "%s still keeps %s", node.name(),
                    node.books.userEntries());
            for (QuotaAccount account : accounts.all()) {
                String periodId = account.key().periodId();
                if (Witness.processOf(account).equals(node.name()) && !periodEnds.isOver(periodId)) {
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
