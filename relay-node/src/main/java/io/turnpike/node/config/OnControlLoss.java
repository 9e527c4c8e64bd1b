package io.turnpike.node.config;

/** What a node does when grants run out and control is away. */
public enum OnControlLoss {
    STOP, SAFE_RATE, ALLOW
}
