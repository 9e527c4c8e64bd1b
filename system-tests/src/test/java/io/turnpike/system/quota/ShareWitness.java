package io.turnpike.system.quota;

import static io.turnpike.system.quota.Invariant.RATE_WITHIN_CAP;
import static io.turnpike.system.quota.Invariant.SLOTS_WITHIN_CAP;

import io.turnpike.control.v1.OnControlLoss;
import io.turnpike.control.v1.QuotaMode;
import io.turnpike.control.v1.QuotaPolicy;
import io.turnpike.node.quota.Caps;
import io.turnpike.node.quota.NodeShares;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;

/**
 * Sees what all nodes enforce at once, and says in each step whether the caps hold. What a policy was before it was lowered
 * still counts until every lease that was given under it is over. A process that stood still with its clock is left out for
 * a lease: no lease can bind it. Only runs under STOP are counted.
 */
final class ShareWitness {
    private static final long LEASE_NANOS = Duration.ofSeconds(60).toNanos();
    private static final long UNCAPPED = Long.MAX_VALUE;

    /** Caps of a policy that the ledger has followed, and when it stopped to. */
    private static final class Era {
        private final QuotaPolicy policy;
        private long endNanos = Long.MAX_VALUE;

        Era(QuotaPolicy policy) {
            this.policy = policy;
        }

        long cap(Function<QuotaPolicy, ? extends Number> of) {
            Number cap = policy.getMode() == QuotaMode.HARD ? of.apply(policy) : null;
            return cap == null ? UNCAPPED : cap.longValue();
        }
    }

    /** An allocation with the caps that it may have been admitted under. */
    static final class Held {
        private final SimulatedNode node;
        private final String userId;
        private final long tenantCap;
        private final long userCap;
        /** The node was without a lease, or capped nothing: the ledger may have given its slot to others. */
        private boolean excused;

        private Held(SimulatedNode node, String userId, long tenantCap, long userCap) {
            this.node = node;
            this.userId = userId;
            this.tenantCap = tenantCap;
            this.userCap = userCap;
        }
    }

    private final Simulation world;
    private final Deque<Era> eras = new ArrayDeque<>();
    private final List<Held> held = new ArrayList<>();

    ShareWitness(Simulation world, QuotaPolicy policy) {
        this.world = world;
        eras.add(new Era(policy));
    }

    /** The ledger has taken a turn, and follows this policy; perhaps only until the turn is taken back. */
    void followed(QuotaPolicy policy) {
        long now = world.agenda.nowNanos();
        if (eras.getLast().policy != policy) {
            eras.getLast().endNanos = now;
            eras.add(new Era(policy));
        }
        while (eras.getFirst().endNanos < now - LEASE_NANOS) {
            eras.removeFirst();
        }
    }

    private long most(Function<QuotaPolicy, ? extends Number> cap) {
        long since = world.agenda.nowNanos() - LEASE_NANOS;
        return eras.stream().filter(era -> era.endNanos >= since).mapToLong(era -> era.cap(cap)).max().orElseThrow();
    }

    /** An allocation was admitted. */
    Held admitted(SimulatedNode node, String userId) {
        Held call = new Held(node, userId, most(QuotaPolicy::getMaxAllocations),
                most(QuotaPolicy::getMaxAllocationsPerUser));
        held.add(call);
        world.nodes.forEach(this::excuse); // also one that stands still: its lease is over by itself
        if (!call.excused && stops()) {
            checkSlots(call);
        }
        return call;
    }

    void ended(Held call) {
        held.remove(call);
    }

    private void checkSlots(Held newest) {
        Caps caps = newest.node.shares.caps();
        List<Held> counted = held.stream().filter(call -> call.node.isAlive() && !call.excused).toList();
        if (caps.allocations().isPresent()) {
            List<Held> all = counted.stream().filter(call -> call.tenantCap < UNCAPPED).toList();
            long bound = Math.max(most(QuotaPolicy::getMaxAllocations),
                    all.stream().mapToLong(call -> call.tenantCap).max().orElse(0));
            require(all.size() <= bound, "%d allocations of %d", all.size(), bound);
        }
        if (caps.allocationsPerUser().isPresent()) {
            List<Held> ofUser = counted.stream()
                    .filter(call -> call.userCap < UNCAPPED && call.userId.equals(newest.userId)).toList();
            long bound = Math.max(most(QuotaPolicy::getMaxAllocationsPerUser),
                    ofUser.stream().mapToLong(call -> call.userCap).max().orElse(0));
            require(ofUser.size() <= bound, "%d allocations of " + newest.userId + " of %d", ofUser.size(), bound);
        }
    }

    private static void require(boolean holds, String detail, long is, long bound) {
        if (!holds) {
            throw new InvariantBroken(SLOTS_WITHIN_CAP, String.format(detail, is, bound));
        }
    }

    /** Looks at a node after its step, and at what all enforce now. */
    void look(SimulatedNode node) {
        excuse(node);
        if (!stops()) {
            return;
        }
        long sum = 0;
        for (SimulatedNode each : world.nodes) {
            NodeShares shares = each.shares;
            if (each.isAlive() && !each.isSuspended() && !each.hasLostTime(LEASE_NANOS)
                    && shares.caps().bitsPerSecond().isPresent()) {
                sum += shares.bitsPerSecond(each.nanos());
            }
        }
        long bound = most(QuotaPolicy::getRateBitsPerSecond);
        if (sum > bound) {
            throw new InvariantBroken(RATE_WITHIN_CAP, sum + " bit/s of " + bound);
        }
    }

    /** Under SAFE_RATE and ALLOW nodes go on when a lease is over, which the caps do not bound. */
    private boolean stops() {
        return world.weather.onControlLoss() == OnControlLoss.STOP;
    }

    private void excuse(SimulatedNode node) {
        Caps caps = node.shares.caps();
        boolean capped = caps.allocations().isPresent() || caps.allocationsPerUser().isPresent();
        if (!capped || node.hasLostTime(LEASE_NANOS) || !node.shares.isLeased(node.nanos())) {
            held.stream().filter(call -> call.node == node).forEach(call -> call.excused = true);
        }
    }
}
