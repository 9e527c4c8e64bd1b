package io.turnpike.node.quota;

/** How a quota is enforced. Only {@link #HARD} ever stops data. */
public enum QuotaMode {
    /** Counts. */
    OFF,
    /** Counts, and counts what HARD would have stopped. */
    SHADOW,
    /** Reports exhaustion and lets data pass. */
    SOFT,
    /** Forwards only what a grant covers. */
    HARD
}
