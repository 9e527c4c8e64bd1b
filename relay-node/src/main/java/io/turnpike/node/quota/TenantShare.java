package io.turnpike.node.quota;

import io.turnpike.node.event.QuotaShareState;
import io.turnpike.node.event.UserSlotState;
import io.turnpike.node.quota.Waiter.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * This process's leased share of a tenant's rate and concurrent allocations, and of its users' allocations: what the
 * ledger gave, for how long, and what is asked for (docs/quota-protocol.md, "Shares"). Guarded by the tenant.
 */
final class TenantShare {
    /** Users that one report names, whose ids are long at worst: it must fit into a record of Kafka. */
    static final int MOST_TOLD = 5_000;

    private enum State {
        /** Nothing is held, and the ledger knows it. */
        NONE,
        /** Something is held or asked for. */
        OPEN,
        /** Nothing is held, and the ledger does not know it yet. */
        LEAVING
    }

    private final NodeContext context;
    private final Admissions admissions;
    private final Lease lease = new Lease();
    private final Fullness fullness = new Fullness();
    private final Map<String, UserSlots> users = new HashMap<>();
    private final RateDemand demand;
    private RateBucket bucket;
    private Rates rates;
    private Caps caps = Caps.NONE;
    private OnControlLoss onControlLoss = OnControlLoss.STOP;
    private SafeRate safeRate = SafeRate.STANDARD;
    private State state = State.NONE;
    /** Nothing that answers an earlier report is taken. */
    private long sinceNanos;
    private long busyAtNanos;
    private long seq;
    private long bitsPerSecond;
    private int given;
    private int most;
    private long arrivalsTold;
    private boolean mustReport;

    TenantShare(NodeContext context, Admissions admissions) {
        this.context = context;
        this.admissions = admissions;
        demand = new RateDemand(context.nanos());
    }

    /** What event loops follow; null where no rate is capped. */
    Rates rates() {
        return rates;
    }

    /** Follows a policy. */
    void follow(QuotaPolicy policy) {
        Caps before = caps;
        caps = policy.enforcesCaps() ? policy.caps() : Caps.NONE;
        onControlLoss = policy.onControlLoss();
        safeRate = policy.safeRate();
        if (!caps.areLeased()) {
            leave();
        }
        if (!caps.equals(before)) {
            followRates();
            users.clear();
            reportAllUsers();
        }
        openIfNeeded();
        pace();
    }

    private void followRates() {
        if (caps.bitsPerSecond().isEmpty()) {
            bucket = null;
        } else if (bucket == null) {
            bucket = new RateBucket(new RateBucket.Pace(0, context.nanos(), 0), context.settings().eventLoops(),
                    context.nanos());
            demand.begin(context.nanos());
        }
        rates = caps.areRates() ? new Rates(bucket, caps, context) : null;
    }

    private void openIfNeeded() {
        if (caps.areLeased() && state != State.OPEN && admissions.areAny()) {
            open();
        }
    }

    private void open() {
        state = State.OPEN;
        sinceNanos = context.nanos();
        busyAtNanos = sinceNanos;
        most = admissions.allocations();
        given = 0;
        reportAllUsers();
        mustReport = true;
    }

    private void leave() {
        if (state == State.OPEN) {
            state = State.LEAVING;
            sinceNanos = context.nanos();
            forgetAll();
            mustReport = true;
        }
    }

    private void forgetAll() {
        lease.givenUp();
        bitsPerSecond = 0;
        given = 0;
        most = 0;
        users.clear();
        pace();
    }

    /** The ledger knows nothing of this process's users, or of their caps. */
    private void reportAllUsers() {
        if (caps.allocationsPerUser().isPresent() && state == State.OPEN) {
            long now = context.nanos();
            users.values().forEach(UserSlots::changed);
            admissions.eachUser((userId, used) -> users.computeIfAbsent(userId, id -> new UserSlots(used, now)));
        }
    }

    /** The rate that the share, its lease and the policy allow. */
    private void pace() {
        if (bucket == null) {
            return;
        }
        long now = lease.wasHeld() ? bitsPerSecond : 0;
        long later = switch (onControlLoss) {
            case STOP -> 0;
            case SAFE_RATE -> Math.min(now, safeRate.bitsPerSecond());
            case ALLOW -> now;
        };
        boolean fenced = context.fenced().get();
        bucket.follow(new RateBucket.Pace(fenced ? 0 : now, lease.endNanos(), fenced ? 0 : later), context.nanos());
    }

    /** This process stood still: it asks before it uses more of what it has leased. */
    void stoodStill() {
        if (state == State.OPEN) {
            sinceNanos = context.nanos();
            lease.stoodStill(sinceNanos);
            mustReport = true;
            pace();
        }
    }

    /** This process is fenced: it spends nothing. */
    void fenced() {
        pace();
    }

    /** Whether a request finds a slot. */
    Verdict verdict(Waiter waiter) {
        if (!caps.areLeased()) {
            return Verdict.ADMIT;
        }
        if (context.fenced().get()) {
            return Verdict.FENCED;
        }
        if (state != State.OPEN) {
            open();
        }
        if (caps.allocationsPerUser().isPresent()) {
            users.computeIfAbsent(waiter.userId(),
                    id -> new UserSlots(admissions.allocationsOf(id), context.nanos()));
        }
        if (!mayAdmit(context.nanos())) {
            return Verdict.WAIT;
        }
        if (caps.allocations().isPresent() && admissions.allocations() >= most) {
            return fullness.answers(waiter.askedAtNanos()) ? Verdict.NO_SLOT : Verdict.WAIT;
        }
        return caps.allocationsPerUser().isPresent() ? verdictOfUser(waiter) : Verdict.ADMIT;
    }

    private Verdict verdictOfUser(Waiter waiter) {
        UserSlots user = users.get(waiter.userId());
        if (user.hasRoom(admissions.allocationsOf(waiter.userId()))) {
            return Verdict.ADMIT;
        }
        return user.isFull(waiter.askedAtNanos()) ? Verdict.NO_SLOT : Verdict.WAIT;
    }

    /** What a request is answered that may wait no longer. */
    Verdict verdictWithoutAnswer() {
        return mayAdmit(context.nanos()) ? Verdict.NO_SLOT : Verdict.NO_GRANT;
    }

    private boolean mayAdmit(long now) {
        return lease.holds(now) || lease.wasHeld() && onControlLoss == OnControlLoss.ALLOW;
    }

    /** An allocation of a user has ended. */
    void ended(String userId) {
        most = Math.min(most, Math.max(given, admissions.allocations()));
        int used = admissions.allocationsOf(userId);
        UserSlots user = users.get(userId);
        if (user != null) {
            user.ended(used);
        }
        if (used == 0 && rates != null) {
            rates.leave(userId);
        }
    }

    /** Takes a share of this process. */
    void apply(QuotaShare share) {
        if (share.closed() && state == State.LEAVING && share.answeredReportMonotonicNanos() - sinceNanos >= 0) {
            state = State.NONE;
            seq = Math.max(seq, share.shareSeq());
            return;
        }
        if (share.closed() || !caps.areLeased()) {
            return;
        }
        if (state != State.OPEN) {
            // The ledger thinks that something is here.
            state = State.LEAVING;
            mustReport |= share.userId().isEmpty();
        } else if (share.userId().isEmpty()) {
            takeOwn(share);
        } else if (caps.allocationsPerUser().isPresent()) {
            int used = admissions.allocationsOf(share.userId());
            users.computeIfAbsent(share.userId(), id -> new UserSlots(used, context.nanos()))
                    .apply(share, used, context.nanos());
        }
    }

    private void takeOwn(QuotaShare share) {
        long answered = share.answeredReportMonotonicNanos();
        if (answered - sinceNanos < 0 || answered - context.nanos() > 0 || !isNewer(share)) {
            return;
        }
        seq = share.shareSeq();
        int used = admissions.allocations();
        // A cut is free for others only when they hear of it.
        mustReport |= share.bitsPerSecond() < bitsPerSecond || Math.max(share.slots(), used) < most;
        bitsPerSecond = share.bitsPerSecond();
        given = share.slots();
        most = Math.max(given, used);
        lease.heldUntil(share.leaseEndNanos());
        fullness.heard(share, context.nanos());
        if (share.anew()) {
            reportAllUsers();
        }
        pace();
    }

    private boolean isNewer(QuotaShare share) {
        return share.shareSeq() > seq;
    }

    /** Measures, gives back what is idle. Called at report times. */
    void tidy() {
        long now = context.nanos();
        if (bucket != null) {
            demand.measure(bucket, now);
        }
        if (rates != null) {
            rates.forget(userId -> admissions.allocationsOf(userId) > 0);
        }
        openIfNeeded();
        if (admissions.areAny()) {
            busyAtNanos = now;
        } else if (now - busyAtNanos >= context.settings().idleReturn().toNanos()) {
            leave();
        }
        users.forEach((userId, user) -> user.giveBack(needed(userId)));
        users.entrySet().removeIf(user -> user.getValue().isEmpty() && needed(user.getKey()) == 0);
    }

    private int needed(String userId) {
        return admissions.allocationsOf(userId) + admissions.waitingOf(userId);
    }

    /** Whether a report must go out now: a cut to acknowledge, a farewell, or somebody who waits and was not told of. */
    boolean mustReport() {
        return mustReport || state == State.OPEN && admissions.isSomebodyWaiting()
                && arrivalsTold != admissions.arrivals();
    }

    /** Whether there is anything to report at report times. */
    boolean hasNews() {
        return state != State.NONE;
    }

    /** What a report that is made now says of it, which is on its way then. */
    Optional<QuotaShareState> report(long now) {
        mustReport = false;
        arrivalsTold = admissions.arrivals();
        if (state == State.NONE) {
            return Optional.empty();
        }
        int used = admissions.allocations();
        boolean leaving = state == State.LEAVING;
        return Optional.of(new QuotaShareState(seq, bucket == null ? 0 : bucket.bitsPerSecondAt(now),
                demand.bitsPerSecond(), !leaving && mayAdmit(now) ? most : used, used, admissions.waiting(), leaving,
                userStates(now)));
    }

    /** Who waits comes first; who finds no place is told with one of the next reports. */
    private List<UserSlotState> userStates(long now) {
        List<UserSlotState> states = new ArrayList<>();
        admissions.eachWaiting((userId, waiting) -> tell(userId, waiting, now, states));
        Iterator<Map.Entry<String, UserSlots>> all = users.entrySet().iterator();
        while (all.hasNext() && states.size() < MOST_TOLD) {
            Map.Entry<String, UserSlots> user = all.next();
            if (!user.getValue().isSettled() && admissions.waitingOf(user.getKey()) == 0) {
                tell(user.getKey(), 0, now, states);
            }
        }
        return states;
    }

    private void tell(String userId, int waiting, long now, List<UserSlotState> states) {
        UserSlots user = users.get(userId);
        if (user != null && states.size() < MOST_TOLD) {
            states.add(user.state(userId, admissions.allocationsOf(userId), waiting, now));
        }
    }

    /** The process stops: everything goes back. */
    void close() {
        leave();
        caps = Caps.NONE;
    }

    /** Whether the ledger knows that nothing is held. */
    boolean isSettled() {
        return state == State.NONE;
    }
}
