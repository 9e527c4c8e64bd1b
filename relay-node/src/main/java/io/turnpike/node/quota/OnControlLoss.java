package io.turnpike.node.quota;

/** What a node does when its credit is spent and the ledger cannot be reached. */
public enum OnControlLoss {
    /** Stops: overshoot 0. */
    STOP,
    /** Goes on at a bounded rate, out of a grace for the period (QUOTA.md rule 10). */
    SAFE_RATE,
    /** Goes on; what was forwarded is charged, and the ledger raises an alarm when it hears of it. */
    ALLOW
}
