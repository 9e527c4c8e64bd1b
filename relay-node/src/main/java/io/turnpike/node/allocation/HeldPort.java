package io.turnpike.node.allocation;

/** A port that the operating system keeps for this node until its token is used or runs out. Thread-safe. */
@FunctionalInterface
public interface HeldPort {
    /** Lets go of the port, so that it can be bound; called once. */
    void release();
}
