package io.turnpike.node.quota;

import io.turnpike.node.quota.UsageReports.Scope;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * The quotas of one tenant's users on this node, where the policy counts users each for himself. Only users with an
 * allocation, and those who had one lately, are here: who is idle gives everything back, closes, and is forgotten when the
 * ledger has acknowledged it (QUOTA.md rule 18). Thread-safe.
 */
final class UserQuotas {
    /** A user is closed after so many times of the idle return without traffic and allocations. */
    private static final int IDLE_RETURNS = 3;
    /** Users of whom is remembered that nothing is left, though they are not here. */
    private static final int MOST_EXHAUSTED = 100_000;

    private final String tenantId;
    private final ScopedQuota tenant;
    private final NodeContext context;
    private final Map<String, ScopedQuota> users = new ConcurrentHashMap<>();
    /** Closed, and not yet acknowledged; their users may have come back. */
    private final Map<String, ScopedQuota> leaving = new ConcurrentHashMap<>();
    private final Map<String, Heard> exhausted = new ConcurrentHashMap<>();
    private volatile QuotaPolicy policy;
    private volatile boolean closed;

    /** @param policy the tenant's */
    UserQuotas(String tenantId, ScopedQuota tenant, NodeContext context, QuotaPolicy policy) {
        this.tenantId = tenantId;
        this.tenant = tenant;
        this.context = context.ofUsers();
        this.policy = policy;
    }

    /** Whether the policy counts users. */
    boolean count() {
        return policy.countsUsers();
    }

    /** Asks whether the user may make an allocation; see {@link QuotaTable#admit}. */
    void admit(String userId, int loopIndex, Executor loop, Consumer<Admission> answer) {
        synchronized (this) {
            open(userId).admit(userId, loopIndex, loop, answer);
        }
    }

    /** The user's allowance for an allocation that lives already. */
    synchronized Allowance join(String userId, int loopIndex, Executor loop) {
        return open(userId).join(userId, loopIndex, loop);
    }

    private ScopedQuota open(String userId) {
        ScopedQuota known = users.get(userId);
        if (known != null) {
            return known;
        }
        ScopedQuota user = new ScopedQuota(new Scope(tenantId, userId, context.openings().incrementAndGet()), context,
                policy.ofEachUser(), tenant, leaving.get(userId));
        user.follow(policy.ofEachUser(), true);
        Heard word = exhausted.get(userId);
        if (word != null) {
            user.hear(word);
        }
        if (closed) {
            user.close();
        }
        users.put(userId, user);
        return user;
    }

    /** Follows the tenant's policy; one that counts no users closes them all. */
    synchronized void follow(QuotaPolicy newPolicy) {
        policy = newPolicy;
        if (newPolicy.countsUsers()) {
            users.values().forEach(user -> user.follow(newPolicy.ofEachUser(), true));
        } else {
            users.forEach((userId, user) -> {
                user.close();
                leave(userId, user);
            });
        }
    }

    private void leave(String userId, ScopedQuota user) {
        users.remove(userId);
        awaitAcknowledgement(userId, user);
    }

    private void awaitAcknowledgement(String userId, ScopedQuota user) {
        if (!user.isSettled()) {
            leaving.put(userId, user);
        }
    }

    /** Takes a grant of this process. */
    void apply(QuotaGrant grant) {
        ScopedQuota user = users.get(grant.userId());
        if (user != null && user.opening() == grant.opening()) {
            user.apply(grant);
        }
        ScopedQuota last = leaving.get(grant.userId());
        if (last != null && last.opening() == grant.opening()) {
            last.apply(grant);
            forgetIfSettled(grant.userId(), last);
        }
    }

    private void forgetIfSettled(String userId, ScopedQuota last) {
        if (last.isSettled() && leaving.remove(userId, last)) {
            ScopedQuota next = users.get(userId);
            if (next != null) {
                context.urgent().accept(next);
            }
        }
    }

    /** Takes what a grant of the running period, to whatever process, says of the user's whole quota. */
    void hear(QuotaGrant grant) {
        Heard word = Heard.in(grant);
        if (!word.exhausted()) {
            exhausted.remove(grant.userId());
        } else if (exhausted.size() < MOST_EXHAUSTED || exhausted.containsKey(grant.userId())) {
            exhausted.put(grant.userId(), word);
        }
        ScopedQuota user = users.get(grant.userId());
        if (user != null) {
            user.hear(word);
        }
    }

    /** Does what is due at a report time: see {@link ScopedQuota#run}. */
    void run() {
        users.forEach((userId, user) -> {
            user.run(true);
            closeIfIdle(userId, user);
        });
        leaving.forEach((userId, last) -> {
            last.run(true);
            forgetIfSettled(userId, last);
        });
        Instant now = context.clock().instant();
        exhausted.values().removeIf(word -> !now.isBefore(word.until()));
    }

    private synchronized void closeIfIdle(String userId, ScopedQuota user) {
        long idle = context.settings().idleReturn().toNanos() * IDLE_RETURNS;
        if (!closed && user.closeIfIdle(idle)) {
            leave(userId, user);
        }
    }

    /** This process stood still: see {@link ScopedQuota#stoodStill}. */
    void stoodStill() {
        users.values().forEach(ScopedQuota::stoodStill);
    }

    /** Whether the ledger was asked for a user and is silent. */
    boolean isControlLost() {
        return users.values().stream().anyMatch(ScopedQuota::isControlLost);
    }

    /** This process is fenced: loops drop what they have drawn. */
    void voidSlices() {
        users.values().forEach(ScopedQuota::voidSlices);
    }

    /** Spends no more and settles all accounts. */
    synchronized void close() {
        closed = true;
        users.values().forEach(user -> {
            user.close();
            context.urgent().accept(user);
        });
    }

    boolean isSettled() {
        return leaving.values().stream().allMatch(ScopedQuota::isSettled)
                && users.values().stream().allMatch(ScopedQuota::isSettled);
    }

    /** Users that are here, those included who leave. */
    int size() {
        return users.size() + leaving.size();
    }
}
