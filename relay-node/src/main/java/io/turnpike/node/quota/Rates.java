package io.turnpike.node.quota;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** What caps the rate of a tenant's data on this node: event loops draw slices of each bucket. Thread-safe. */
final class Rates {
    private final RateBucket tenant;
    private final Caps caps;
    private final NodeContext context;
    private final Map<String, RateBucket> users = new ConcurrentHashMap<>();
    /** Users without an allocation here, whose buckets are not full yet. */
    private final Set<String> left = ConcurrentHashMap.newKeySet();

    /**
     * @param tenant the tenant's leased share; null if only users or allocations are capped
     */
    Rates(RateBucket tenant, Caps caps, NodeContext context) {
        this.tenant = tenant;
        this.caps = caps;
        this.context = context;
    }

    /** The tenant's bucket, or null. */
    RateBucket ofTenant() {
        return tenant;
    }

    /** The user's bucket, or null. */
    RateBucket ofUser(String userId) {
        return caps.userBitsPerSecond().isEmpty()
                ? null
                : users.computeIfAbsent(userId, id -> RateBucket.of(caps.userBitsPerSecond().getAsLong(),
                        context.settings().eventLoops(), context.nanos()));
    }

    /** A bucket for one allocation, or null. */
    RateBucket ofAllocation() {
        return caps.allocationBitsPerSecond().isEmpty()
                ? null
                : RateBucket.of(caps.allocationBitsPerSecond().getAsLong(), 1, context.nanos());
    }

    /** The user's last allocation here has ended. Who comes back at once finds no more of his rate than he left. */
    void leave(String userId) {
        if (users.containsKey(userId)) {
            left.add(userId);
        }
    }

    /** Forgets the buckets of users who have left, when they are full. */
    void forget(Predicate<String> isBack) {
        long now = context.nanos();
        left.removeIf(userId -> isBack.test(userId) || users.computeIfPresent(userId,
                (id, bucket) -> bucket.isFull(now) ? null : bucket) == null);
    }
}
