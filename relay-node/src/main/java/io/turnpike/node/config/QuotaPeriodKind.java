package io.turnpike.node.config;

/** Length of a quota period. */
public enum QuotaPeriodKind {
    MONTH, DAY
}
