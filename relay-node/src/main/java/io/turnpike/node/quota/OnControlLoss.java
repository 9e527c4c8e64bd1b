package io.turnpike.node.quota;

/** What a node does when its credit is spent and the ledger cannot be reached. */
public enum OnControlLoss {
    /** Stops: overshoot 0. */
    STOP,
    /** Goes on at a bounded rate. Until the node has a grace budget (QUOTA.md rule 10) it stops, which is stricter. */
    SAFE_RATE,
    /** Goes on, flagged. Until flagged usage exists it stops, which is stricter. */
    ALLOW
}
