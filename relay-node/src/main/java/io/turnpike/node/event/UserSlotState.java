package io.turnpike.node.event;

/**
 * Slots of one user on this node.
 *
 * @param userId user
 * @param shareSeq sequence of the user's last share that was accepted, 0 for none
 * @param slots most allocations that the user may have here now
 * @param used live allocations
 * @param wanted requests that wait for a slot
 */
public record UserSlotState(String userId, long shareSeq, int slots, int used, int wanted) {}
