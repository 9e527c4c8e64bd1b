package io.turnpike.node.quota;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What caps the rate of a tenant's data on this node: event loops draw slices of each bucket. Thread-safe. */
final class Rates {
    private final RateBucket tenant;
    private final Caps caps;
    private final NodeContext context;
    private final Map<String, RateBucket> users = new ConcurrentHashMap<>();

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

    /** The user's last allocation here has ended. */
    void forget(String userId) {
        users.remove(userId);
    }
}
