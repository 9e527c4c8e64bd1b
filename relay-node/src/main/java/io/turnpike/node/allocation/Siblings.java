package io.turnpike.node.allocation;

import java.util.function.Consumer;

/**
 * Reaches the allocations of the node's other event loops: an allocation stays on its loop for life, so what arrives for
 * it elsewhere is handed over as a message. One for each loop, to be called on that loop.
 */
public interface Siblings {
    /** The calling loop's own number. */
    int own();

    /** Number of loops; a number that came from the network must be below it. */
    int count();

    /**
     * Runs an action on a loop, with that loop's allocations: at once on the own loop, as a message on another. What waits
     * between two loops is bounded.
     *
     * @param loopIndex from 0 to {@link #count()} - 1
     * @param action must not read a buffer that the caller releases
     * @return whether it runs or will run; false if too much waits already, or the loop has stopped
     */
    boolean on(int loopIndex, Consumer<AllocationTable> action);

    /**
     * As {@link #on}, but never refused by a loop that runs: for what must not be lost and is bounded by other means, such
     * as the outcome of what was asked for, or the end of something.
     *
     * @return false only if the loop has stopped
     */
    boolean tell(int loopIndex, Consumer<AllocationTable> action);
}
