package io.turnpike.node.quota;

/** How a quota is enforced. Only {@link #HARD} ever stops data. */
public enum QuotaMode {
    /** Counts. */
    OFF,
    /** Counts; the ledger follows the state, and nothing comes of it here. */
    SHADOW,
    /** Refuses new allocations while the ledger says that the volume is used, and lets data pass. */
    SOFT,
    /** Forwards only what a grant covers. */
    HARD
}
