package io.turnpike.node.event;

import java.util.List;

/**
 * This node's leased share of a tenant's rate and allocations.
 *
 * @param shareSeq sequence of the last share that was accepted, 0 for none
 * @param bitsPerSecond rate that is enforced now
 * @param demandBitsPerSecond rate at which data wants to pass
 * @param slots most allocations that the tenant may have here now
 * @param used live allocations
 * @param wanted requests that wait for a slot
 * @param finalReport whether the share is given up
 * @param users those whose slots have changed or are wanted
 */
public record QuotaShareState(long shareSeq, long bitsPerSecond, long demandBitsPerSecond, int slots, int used,
        int wanted, boolean finalReport, List<UserSlotState> users) {
    /** Copies the list. */
    public QuotaShareState {
        users = List.copyOf(users);
    }
}
