package io.turnpike.node.quota;

import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a policy caps besides volume; empty for no cap.
 *
 * @param bitsPerSecond rate of the tenant over the cluster
 * @param userBitsPerSecond rate of each user on this node
 * @param allocationBitsPerSecond rate of each allocation
 * @param allocations concurrent allocations of the tenant over the cluster
 * @param allocationsPerUser concurrent allocations of each user over the cluster
 */
public record Caps(OptionalLong bitsPerSecond, OptionalLong userBitsPerSecond, OptionalLong allocationBitsPerSecond,
        OptionalInt allocations, OptionalInt allocationsPerUser) {
    /** No cap at all. */
    public static final Caps NONE = new Caps(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(),
            OptionalInt.empty(), OptionalInt.empty());

    /** Whether a leased share of the ledger is needed. */
    boolean areLeased() {
        return bitsPerSecond.isPresent() || allocations.isPresent() || allocationsPerUser.isPresent();
    }

    boolean areRates() {
        return bitsPerSecond.isPresent() || userBitsPerSecond.isPresent() || allocationBitsPerSecond.isPresent();
    }
}
