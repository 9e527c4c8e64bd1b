package io.turnpike.telemetry.ledger.share;

import io.turnpike.contract.RateCap;
import io.turnpike.control.v1.QuotaPolicy;

/**
 * What a policy caps by leased shares; null for no cap.
 *
 * @param bitsPerSecond of the tenant over the cluster
 * @param allocations of the tenant over the cluster
 * @param allocationsPerUser of each user over the cluster
 */
record Caps(Long bitsPerSecond, Integer allocations, Integer allocationsPerUser) {
    private static final Caps NONE = new Caps(null, null, null);

    /** What is enforced of a policy. What a newer program may have written is enforced, as on the nodes. */
    static Caps of(QuotaPolicy policy) {
        return switch (policy.getMode()) {
            case HARD, UNKNOWN -> new Caps(
                    policy.getRateBitsPerSecond() == null
                            ? null
                            : Math.min(policy.getRateBitsPerSecond(), RateCap.MOST_BITS_PER_SECOND),
                    policy.getMaxAllocations(), policy.getMaxAllocationsPerUser());
            case OFF, SHADOW, SOFT -> NONE;
        };
    }

    boolean areAny() {
        return bitsPerSecond != null || allocations != null || allocationsPerUser != null;
    }
}
