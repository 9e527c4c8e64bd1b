package io.turnpike.node.event;

/** What is given up first when events come faster than they leave: the last constant before the first. */
public enum EventPriority {
    /** Ends and final counters: nothing that comes later repeats them. */
    FINAL,
    /** Reports to the quota ledger: cumulative, repeated every second. */
    QUOTA,
    /** Other steps in the life of an allocation. */
    LIFECYCLE,
    /** Periodic counters and heartbeats: the next one says the same and more. */
    PERIODIC
}
