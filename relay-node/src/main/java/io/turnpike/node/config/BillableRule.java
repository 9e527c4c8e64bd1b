package io.turnpike.node.config;

/** Which wire bytes are billed. */
public enum BillableRule {
    BOTH_DIRECTIONS, EGRESS_ONLY
}
